import { generateKeyPairSync } from "node:crypto";
import { lstat, readdir, readFile } from "node:fs/promises";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { create } from "@bufbuild/protobuf";
import type { ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificateAuthority, createRoot, readRoot } from "../mesh-runtime/identity/certificate-authority.ts";
import { createCsr } from "../mesh-runtime/identity/csr.ts";
import { loadKubeconfig } from "../mesh-runtime/kube-client/kubeconfig.ts";
import { addressType } from "../mesh-runtime/xds/codec.ts";
import { openControlPlaneChannel } from "../mesh-runtime/xds/control-plane-channel.ts";
import { IstioCertificateRequestSchema } from "../mesh-runtime/xds/gen/certificate_pb.js";
import { DeltaDiscoveryRequestSchema } from "../mesh-runtime/xds/gen/discovery_pb.js";
import { createCertificate, deltaAggregatedResources } from "../mesh-runtime/xds/grpc-methods.ts";
import { TestMesh } from "./mesh.ts";
import { requestFrom, runInPod } from "./pod-session.ts";
import { namespace, pod, podCaptured, podReady, service, serviceAccount } from "./workloads.ts";

/** Attacks on the real processes by a hostile workload, a hostile proxy and somebody with a small token. */
let mesh: TestMesh;
const addresses = { client: "", intruder: "", server: "" };
const at = "victims";
beforeAll(async () => {
  mesh = await TestMesh.start();
  const names = ["client", "intruder", "server"] as const;
  await mesh.apply(namespace(at, true), ...names.map((name) => serviceAccount(at, name)));
  await mesh.apply(
    service(at, "server", 8000),
    pod(at, "server", "node-b", "towpath/httpbin", 8000),
    pod(at, "client", "node-a", "towpath/sleep"),
    pod(at, "intruder", "node-a", "towpath/sleep"),
  );
  for (const name of names) {
    addresses[name] = (await podReady(mesh, at, name)).status?.podIP ?? "";
    await podCaptured(mesh, at, name);
  }
});
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

const block = (): string => addresses.server.split(".").slice(0, 2).join(".");
const runScript = async (name: string, script: string): Promise<string> =>
  (await runInPod(mesh.kubeconfig, { namespace: at, name }, [process.execPath, "-e", script])).stdout;
/** The mesh serves an honest caller. */
const serves = async (): Promise<number | undefined> =>
  (await requestFrom(mesh.kubeconfig, { namespace: at, name: "client" }, "http://server:8000/get"))[0]?.status;

describe("a hostile workload at its own way out", () => {
  test("reaches neither loopback, however it is written, nor the mesh's own ports", async () => {
    const apiPort = new URL(mesh.kubeconfig.server).port;
    const targets = [
      ...["127.0.0.1", "127.1", "0177.0.0.1", "2130706433", "0x7f.1", "0.0.0.0", "000.0.0.0", "0", "localhost"],
      ...["a.localhost", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"],
      ...[`${block()}.0.1`, `${block()}.1.1`, `[::ffff:${addresses.server}]`, "127.0.0.1."],
    ].map((host) => `${host}:${apiPort}`);
    targets.push(`${block()}.0.1:15012`, `${block()}.2.1:15000`);
    targets.push(...[15001, 15008, 22].map((port) => `${addresses.server}:${port}`));
    const answers = await runScript(
      "client",
      `const net = require("net");
      const ask = (text) => new Promise((resolve) => {
        const socket = net.connect({ host: process.env.POD_IP, port: 15001 });
        let got = "";
        socket.on("data", (data) => { got += data; if (got.includes("\\r\\n")) socket.destroy(); });
        socket.on("error", () => {});
        socket.on("close", () => resolve(got.split(" ")[1] ?? "reset"));
        socket.write(text);
      });
      (async () => {
        for (const target of ${JSON.stringify(targets)}) {
          console.log(target, await ask("CONNECT " + target + " HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"),
            await ask("GET http://" + target + "/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"));
        }
      })();`,
    );
    const lines = answers.trim().split("\n");
    expect(lines).toHaveLength(targets.length);
    expect(lines.filter((line) => !/^\S+ (40[03]|50[23]) (40[03]|50[23])$/.test(line))).toEqual([]);
  });

  const dial = (address: string): string =>
    `const s = require("net").connect({ host: "${address}", port: 15001 }); s.on("error", () => {});
     s.on("data", (d) => { console.log("answered", String(d)); s.destroy(); }); s.on("close", () => console.log("closed"));
     s.write("GET http://server:8000/get HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");`;
  test("cannot speak through another pod's, nor through its own once it left its session", async () => {
    expect(await runScript("intruder", dial(addresses.client))).toBe("closed\n");
    const detached = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(dial(addresses.client))}],
      { detached: true, stdio: ["ignore", "inherit", "inherit"] });`;
    expect(await runScript("client", detached)).toBe("closed\n");
  });

  test("cannot slow its neighbours down with a thousand connections to their way out", async () => {
    const ask = (count: number) =>
      requestFrom(mesh.kubeconfig, { namespace: at, name: "client" }, `http://server.${at}:8000/get`, [
        "--count",
        String(count),
      ]);
    // What a request takes on this machine just now: a busy one is slow without anybody's ill will.
    const calmMs = Math.max(...(await ask(5)).map(({ ms }) => ms));
    const closed = Array.from({ length: 1_000 }, () => {
      const socket = connect({ host: addresses.client, port: 15001 });
      socket.on("error", () => undefined);
      return new Promise((resolve) => socket.once("close", resolve));
    });
    const [answer] = await ask(1);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer?.ms).toBeLessThan(2_000 + 20 * calmMs);
    await Promise.all(closed);
  });
});

describe("a hostile peer at a pod's HBONE port", () => {
  const newKey = () => generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const tunnel = async (spiffeId: string, authority: string, own: "ours" | "foreign" | "none"): Promise<string> => {
    const pem = await readFile(join(mesh.towpath.home.path, "control-plane", "ca.pem"), "utf8");
    const blocks = pem.split(/(?=-----BEGIN )/);
    const part = (name: string): string => blocks.find((text) => text.includes(`${name}-----`)) ?? "";
    const root = own === "foreign" ? createRoot("cluster.local") : readRoot(part("CERTIFICATE"), part("PRIVATE KEY"));
    const { publicKey, privateKey } = newKey();
    const { chain } = createCertificateAuthority(root).issueWorkload(publicKey, spiffeId, 60_000);
    const mine = { cert: chain.join(""), key: privateKey.export({ type: "pkcs8", format: "pem" }) };
    const host = addresses.server;
    const tls = {
      host,
      port: 15008,
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
      ...(own === "none" ? {} : mine),
    };
    return new Promise((resolve) => {
      const session = connectHttp2(`https://${host}`, { createConnection: () => connectTls(tls) });
      const done = (answer: string): void => {
        resolve(answer);
        session.destroy();
      };
      session.on("error", () => done("refused"));
      session.on("close", () => done("refused"));
      const stream = session.request({ ":method": "CONNECT", ":authority": authority });
      stream.on("response", (headers) => done(String(headers[":status"])));
      stream.on("error", () => done("refused"));
    });
  };
  const honest = "spiffe://cluster.local/ns/victims/sa/client";
  test.each([
    ["of the mesh", honest, ":8000", "ours", "200"],
    ["without a certificate", honest, ":8000", "none", "refused"],
    ["of a foreign CA", honest, ":8000", "foreign", "refused"],
    ["of another trust domain", "spiffe://other/ns/victims/sa/client", ":8000", "ours", "refused"],
    ["that is no workload", "spiffe://cluster.local/ns/victims", ":8000", "ours", "refused"],
    ["with an encoded identity", "spiffe://cluster.local/ns/victims/sa/cl%69ent", ":8000", "ours", "refused"],
    ["that asks for a port the pod does not have", honest, ":22", "ours", "503"],
    ["that asks for the proxy's port", honest, ":15001", "ours", "503"],
    ["that asks for loopback", honest, "127.0.0.1:8000", "ours", "400"],
    ["that asks for the pod by name", honest, "server.victims.svc.cluster.local:8000", "ours", "400"],
  ] as const)("%s", async (_who, spiffeId, authority, own, answer) => {
    const target = authority.startsWith(":") ? `${addresses.server}${authority}` : authority;
    expect(await tunnel(spiffeId, target, own)).toBe(answer);
  });
});

describe("a hostile proxy at the control plane", () => {
  const endpoint = (token: string) => ({
    address: `${block()}.0.1:15012`,
    rootCertificateFile: join(mesh.towpath.home.path, "control-plane", "root-cert.pem"),
    tokenProvider: () => token,
  });
  const tokens: Record<string, () => Promise<string>> = {
    "another node's agent": () =>
      tokenFor("istio-system", "ztunnel", "istio-ca", { apiVersion: "v1", kind: "Node", name: "node-a" }),
    "a workload": () => tokenFor(at, "client", "istio-ca"),
    "a token for the API": () => tokenFor(at, "client", "https://kubernetes.default.svc.cluster.local"),
    "a token for telemetry": () =>
      tokenFor("istio-system", "ztunnel", "towpath-telemetry", { apiVersion: "v1", kind: "Node", name: "node-a" }),
    "an administrator": async () => mesh.kubeconfig.token ?? "",
    nobody: async () => "",
  };
  async function tokenFor(
    ns: string,
    name: string,
    audience: string,
    boundObjectRef?: { apiVersion: string; kind: string; name: string },
  ): Promise<string> {
    const options = { audiences: [audience], expirationSeconds: 600, ...(boundObjectRef && { boundObjectRef }) };
    const { token } = await mesh.client.createToken({ namespace: ns, name }, options as never);
    return token;
  }

  test.each([
    ["another node's agent", 7],
    ["a workload", 7],
    ["a token for the API", 16],
    ["a token for telemetry", 16],
    ["an administrator", 16],
    ["nobody", 16],
  ])("%s gets no certificate of a pod on node-b", async (who, code) => {
    const { client, metadata } = await openControlPlaneChannel(endpoint((await tokens[who]?.()) ?? ""));
    const wanted = "spiffe://cluster.local/ns/victims/sa/server";
    const message = create(IstioCertificateRequestSchema, {
      csr: createCsr(generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey, wanted),
      metadata: { ImpersonatedIdentity: wanted },
    });
    const { path, requestSerialize, responseDeserialize } = createCertificate;
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, metadata, resolve);
    });
    client.close();
    expect(error?.code).toBe(code);
  });

  /** What the agent of node-a calls itself; nobody else may. */
  const node = { id: "ztunnel~127.0.0.1~ztunnel-node-a.istio-system~istio-system.svc.cluster.local" };

  test.each([
    ["a workload", node],
    ["another node's agent", { id: node.id.replaceAll("node-a", "node-b") }],
    ["another node's agent", {}],
  ] as const)("hears nothing of the mesh as %s that calls itself %j", async (who, self) => {
    const { client, metadata } = await openControlPlaneChannel(endpoint((await tokens[who]?.()) ?? ""));
    const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    let answers = 0;
    stream.on("data", () => (answers += 1));
    const ended = new Promise<ServiceError>((resolve) => stream.on("error", resolve));
    stream.write(create(DeltaDiscoveryRequestSchema, { typeUrl: addressType.typeUrl, node: self }));
    expect(await ended).toMatchObject({ code: 7 });
    expect(answers).toBe(0);
    client.close();
  });

  test("does not make the control plane send without end by asking and never answering", async () => {
    const { client, metadata } = await openControlPlaneChannel(
      endpoint((await tokens["another node's agent"]?.()) ?? ""),
    );
    const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    let answers = 0;
    stream.on("data", () => (answers += 1));
    const ended = new Promise<ServiceError>((resolve) => stream.on("error", resolve));
    const { typeUrl } = addressType;
    for (let round = 0; round < 2_000; round += 1) {
      stream.write(create(DeltaDiscoveryRequestSchema, { typeUrl, node, resourceNamesSubscribe: ["*", "nobody"] }));
    }
    stream.write(create(DeltaDiscoveryRequestSchema, { typeUrl: "type.googleapis.com/unknown" }));
    expect(await ended).toMatchObject({ code: 3 });
    expect(answers).toBeLessThanOrEqual(10);
    client.close();
    expect(await serves()).toBe(200);
  });

  test("takes no more than its share of streams", async () => {
    const { client, metadata } = await openControlPlaneChannel(
      endpoint((await tokens["another node's agent"]?.()) ?? ""),
    );
    const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, () => {
        const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
        stream.write(create(DeltaDiscoveryRequestSchema, { typeUrl: addressType.typeUrl, node }));
        return new Promise<string>((resolve) => {
          stream.on("data", () => resolve("served"));
          stream.on("error", (error: ServiceError) => resolve(String(error.code)));
        });
      }),
    );
    client.close();
    // One of its sixteen is the agent's own.
    expect(outcomes.filter((outcome) => outcome === "served")).toHaveLength(15);
    expect(outcomes.filter((outcome) => outcome === "8")).toHaveLength(45);
  });
});

describe("the Kubernetes API", () => {
  interface Asked {
    readonly path: string;
    readonly method?: string;
    readonly token?: string | undefined;
    readonly body?: string;
    readonly type?: string;
  }
  const ask = ({ path, method = "GET", token, body, type = "application/json" }: Asked): Promise<number> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(mesh.kubeconfig.server);
      const headers = {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": type, "content-length": Buffer.byteLength(body) }),
      };
      const asked = request(
        { hostname, port, path, method, headers, ca: mesh.kubeconfig.certificateAuthority, agent: false },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      asked.on("error", reject);
      asked.end(body);
    });
  const configMaps = `/api/v1/namespaces/${at}/configmaps`;

  test("gives a pod's own token and a node's nothing that is another's", async () => {
    const { token: workload } = await mesh.client.createToken({ namespace: at, name: "client" }, {
      audiences: [],
      expirationSeconds: 600,
    } as never);
    const { token: node } = await loadKubeconfig(mesh.towpath.home.credentials("node-a"));
    const pods = `/api/v1/namespaces/${at}/pods`;
    const wanted: [string, Asked][] = [workload, node, undefined].flatMap((token, index) =>
      [
        { path: "/api/v1/secrets" },
        { path: `${pods}/server/log` },
        { path: `${pods}/server/exec?command=id` },
        { path: `${pods}/server/status`, method: "PATCH", body: "{}", type: "application/merge-patch+json" },
        { path: `/api/v1/namespaces/${at}/serviceaccounts/server/token`, method: "POST", body: '{"spec":{}}' },
        { path: "/api/v1/nodes/node-b", method: "DELETE" },
      ].map((asked): [string, Asked] => [
        `${["workload", "node", "nobody"][index]} ${asked.path}`,
        { ...asked, token },
      ]),
    );
    for (const [what, asked] of wanted) {
      expect([what, await ask(asked)]).toEqual([what, 403]);
    }
  });

  test("outlives bodies that are made to grow when they are read", async () => {
    const token = mesh.kubeconfig.token;
    const make = { path: configMaps, method: "POST", token };
    const yaml = "application/yaml";
    const map = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bomb"}}';
    expect(await ask({ ...make, body: map })).toBe(201);
    const copies = Array.from({ length: 60 }, (_, n) => ({ op: "copy", from: "/metadata", path: `/metadata/a${n}` }));
    const patch = { path: `${configMaps}/bomb`, method: "PATCH", token, body: JSON.stringify(copies) };
    expect(await ask({ ...patch, type: "application/json-patch+json" })).toBe(422);
    expect(await ask({ ...make, body: "[".repeat(200_000), type: yaml })).toBe(400);
    expect(await ask({ ...make, body: "---\na: b\n".repeat(200_000), type: yaml })).toBe(422);
    expect(await ask({ ...make, body: `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}` })).toBe(400);
    expect(await ask({ ...make, body: map.replace('"bomb"', '"x","labels":{"__proto__":"x"}') })).toBe(400);
    expect(await ask({ path: configMaps, token })).toBe(200);
  });

  test("its secrets are in no log, no command line and no environment, and its files are for the owner alone", async () => {
    const { home } = mesh.towpath;
    const secrets = [mesh.kubeconfig.token ?? ""];
    for (const file of ["control-plane", "portal", "node-a", "node-b"]) {
      secrets.push((await loadKubeconfig(home.credentials(file))).token ?? "");
    }
    const reveals = (text: string): boolean => secrets.some((secret) => secret !== "" && text.includes(secret));
    const leaks: string[] = [];
    for (const name of await readdir(home.at("logs"))) {
      if (reveals(await readFile(home.at("logs", name), "latin1"))) {
        leaks.push(name);
      }
    }
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      for (const file of ["environ", "cmdline"]) {
        if (reveals(await readFile(`/proc/${pid}/${file}`, "latin1").catch(() => ""))) {
          leaks.push(`${pid}/${file}`);
        }
      }
    }
    for (const folder of ["api", "credentials", "logs", "control-plane"]) {
      expect([folder, (await lstat(home.at(folder))).mode & 0o077]).toEqual([folder, 0]);
    }
    expect((await lstat(home.at("api", "store.db"))).mode & 0o077).toBe(0);
    expect((await lstat(home.kubeconfig)).mode & 0o077).toBe(0);
    expect(leaks).toEqual([]);
  });
});

describe("an agent that comes back while nobody can tell it the policy", () => {
  test("stays closed, and opens when it has been told", async () => {
    const api = mesh.towpath.processes.get("api-server")?.pid ?? 0;
    const agent = mesh.towpath.processes.get("agent-node-b");
    const before = agent?.pid;
    // A server that hangs is worse than one that is gone: nobody starts it again.
    process.kill(api, "SIGSTOP");
    try {
      process.kill(mesh.towpath.processes.get("control-plane")?.pid ?? 0, "SIGKILL");
      process.kill(before ?? 0, "SIGKILL");
      while (agent?.pid === undefined || agent.pid === before) {
        await new Promise(setImmediate);
      }
      await expect(plainAnswer()).resolves.toBe("");
    } finally {
      process.kill(api, "SIGCONT");
    }
    await expect.poll(serves, { timeout: 30_000 }).toBe(200);
  });

  /** What the server's port answers to plain text, once there is a port. */
  async function plainAnswer(): Promise<string> {
    for (;;) {
      const answer = await new Promise<string | undefined>((resolve) => {
        const socket = connect({ host: addresses.server, port: 8000 });
        let got = "";
        socket.on("connect", () => socket.write("GET /get HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        socket.on("data", (data) => (got += data));
        socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED" ? undefined : got));
        socket.on("close", () => resolve(got));
      });
      if (answer !== undefined) {
        return answer;
      }
    }
  }
});
