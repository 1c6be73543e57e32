import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import { refOf, TestMesh } from "./mesh.ts";
import { requestFrom, runInPod } from "./pod-session.ts";
import {
  allow,
  deny,
  enforce,
  mutualTls,
  namespace,
  pod,
  podCaptured,
  podReady,
  podRef,
  service,
  serviceAccount,
} from "./workloads.ts";

/** Ways round a policy: everything that a caller could name the same server by, and every moment at which it could. */
const at = "guarded";
let mesh: TestMesh;
let address = "";
let clusterIp = "";
beforeAll(async () => {
  mesh = await TestMesh.start();
  await mesh.apply(namespace(at, true), namespace("outside", false));
  await mesh.apply(
    ...["server", "friend", "stranger"].map((name) => serviceAccount(at, name)),
    serviceAccount("outside", "stranger"),
    service(at, "server", 8000),
    pod(at, "server", "node-b", "towpath/httpbin", 8000),
    pod(at, "friend", "node-a", "towpath/sleep"),
    pod(at, "stranger", "node-a", "towpath/sleep"),
    pod("outside", "stranger", "node-b", "towpath/sleep"),
  );
  address = (await podReady(mesh, at, "server")).status?.podIP ?? "";
  await Promise.all(["friend", "stranger"].map((name) => podReady(mesh, at, name)));
  await podReady(mesh, "outside", "stranger");
  await Promise.all(["server", "friend", "stranger"].map((name) => podCaptured(mesh, at, name)));
  const found = await mesh.client.get(refOf({ apiVersion: "v1", kind: "Service" }), { namespace: at, name: "server" });
  clusterIp = (found as KubeObject & { spec: { clusterIP: string } }).spec.clusterIP;
  await enforce(mesh, allow(at, "friends", [`${at}/friend`]));
});
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

const answer = async (from: string, name: string, host: string): Promise<number | undefined> =>
  (await requestFrom(mesh.kubeconfig, { namespace: from, name }, `http://${host}:8000/get`))[0]?.status;

test.each(["its short name", "its full name", "its cluster address", "its pod's address"])(
  "a server is guarded alike by %s",
  async (what) => {
    const host = {
      "its short name": `server.${at}`,
      "its full name": `server.${at}.svc.cluster.local.`,
      "its cluster address": clusterIp,
      "its pod's address": address,
    }[what] as string;
    expect(await answer(at, "friend", host)).toBe(200);
    expect(await answer(at, "stranger", host)).toBe(503);
    expect(await answer("outside", "stranger", host)).toBe(503);
  },
);

test("dialling the pod's port past the way out brings plain text without an identity, and is refused", async () => {
  const script = `const s = require("net").connect({ host: "${address}", port: 8000, localAddress: process.env.POD_IP });
    s.on("data", (d) => { console.log("answered", String(d)); s.destroy(); }); s.on("error", () => {});
    s.on("close", () => console.log("closed")); s.write("GET /get HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");`;
  const { stdout } = await runInPod(mesh.kubeconfig, { namespace: at, name: "friend" }, [
    process.execPath,
    "-e",
    script,
  ]);
  expect(stdout).toBe("closed\n");
});

test("plain text to the HBONE port brings nothing", async () => {
  const got = await new Promise<string>((resolve) => {
    const socket = connect({ host: address, port: 15008 });
    let text = "";
    socket.on("data", (data) => (text += data.toString("latin1")));
    socket.on("error", () => resolve(text));
    socket.on("close", () => resolve(text));
    socket.write("GET /get HTTP/1.1\r\nHost: x\r\n\r\n");
  });
  expect(got).not.toContain("HTTP/");
});

test("a connection that is open when the policy changes is cut, not used on", async () => {
  const script = `const http = require("http"); const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () => new Promise((resolve) => http.get({ host: process.env.POD_IP, port: 15001, agent,
      path: "http://server.${at}:8000/get" }, (r) => { r.resume(); r.on("end", () => resolve(r.statusCode)); })
      .on("error", () => resolve("broken")));
    (async () => { const seen = []; for (;;) { const s = await ask(); if (s !== seen.at(-1)) seen.push(s);
      if (s !== 200) break; } console.log(seen.join(" ")); })();`;
  const running = runInPod(mesh.kubeconfig, { namespace: at, name: "friend" }, [process.execPath, "-e", script]);
  await enforce(mesh, deny(at, "nobody", [`${at}/friend`]));
  expect((await running).stdout.trim()).toMatch(/^(200 )?503$/);
  await mesh.delete(deny(at, "nobody", []));
  await expect.poll(() => answer(at, "friend", `server.${at}`), { timeout: 20_000 }).toBe(200);
});

test("a policy that is refused leaves the last good one in force", async () => {
  const broken = {
    ...allow(at, "friends", []),
    spec: { action: "ALLOW", rules: [{ when: [{ key: "no.such.key" }] }] },
  };
  await expect(mesh.apply(broken as KubeObject)).rejects.toMatchObject({ status: 400 });
  expect(await answer(at, "friend", `server.${at}`)).toBe(200);
  expect(await answer(at, "stranger", `server.${at}`)).toBe(503);
});

test("a pod in the place of another has neither its identity nor its connections", async () => {
  expect(await answer(at, "friend", `server.${at}`)).toBe(200);
  await mesh.delete(pod(at, "friend", "node-a", "towpath/sleep"));
  await mesh.until(podRef, { namespace: at, name: "friend" }, (object) => object === undefined);
  const impostor = pod(at, "friend", "node-a", "towpath/sleep") as KubeObject & { spec: Record<string, unknown> };
  await mesh.apply({ ...impostor, spec: { ...impostor.spec, serviceAccountName: "stranger" } } as KubeObject);
  await podReady(mesh, at, "friend");
  await podCaptured(mesh, at, "friend");
  expect(await answer(at, "friend", `server.${at}`)).toBe(503);
});

test("a namespace that leaves the mesh and comes back is guarded again", async () => {
  await mesh.apply(namespace(at, false));
  await expect.poll(() => answer("outside", "stranger", `server.${at}`), { timeout: 20_000 }).toBe(200);
  await mesh.apply(namespace(at, true));
  await enforce(mesh, mutualTls(at, "STRICT"));
  await podCaptured(mesh, at, "server");
  await expect.poll(() => answer("outside", "stranger", `server.${at}`), { timeout: 20_000 }).toBe(503);
  expect(await answer(at, "stranger", `server.${at}`)).toBe(503);
});
