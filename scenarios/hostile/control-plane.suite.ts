import { readdir, readFile } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { create } from "@bufbuild/protobuf";
import type { ServiceError } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { proxyConfigType } from "../../mesh-runtime/xds/codec.ts";
import { openControlPlaneChannel } from "../../mesh-runtime/xds/control-plane-channel.ts";
import { DeltaDiscoveryRequestSchema, type DeltaDiscoveryResponse } from "../../mesh-runtime/xds/gen/discovery_pb.js";
import { deltaAggregatedResources } from "../../mesh-runtime/xds/grpc-methods.ts";
import { runInPod } from "../pod-session.ts";
import { podRef } from "../workloads.ts";
import { at, type Place } from "./place.ts";

const permissionDenied = 7;

/** What a proxy that was taken over, and a workload beside it, get out of the control plane and the proxies' own ports. */
export function controlPlaneAttacks(now: () => { readonly place: Place }): void {
  test.each([
    ["a waypoint that says it is the gateway", "waypoint", "istio-ingress", "ingress", "istio-ingress/ingress"],
    ["a workload that says it is the waypoint", "server", at, "waypoint", `${at}/waypoint`],
    ["a workload by its own name", "server", at, "server", `${at}/waypoint`],
  ] as const)("%s is told nothing", async (_who, own, namespace, claimed, wanted) => {
    const { place } = now();
    expect(await ask(place, own, await podName(place, namespace, claimed), namespace, [wanted])).toBe(permissionDenied);
  });

  test("a waypoint that asks for the configurations of all others gets its own alone", async () => {
    const { place } = now();
    const names = ["*", "istio-ingress/ingress", `${at}/waypoint`, "istio-system/waypoint"];
    expect(await ask(place, "waypoint", await podName(place, at, "waypoint"), at, names)).toEqual([`${at}/waypoint`]);
  });

  test("a workload reaches no proxy's own ports through its way out", async () => {
    const { place } = now();
    const targets = [place.waypoint, place.gateway].flatMap((host) =>
      [15000, 15008, 15020, 15021].map((port) => `${host}:${port}`),
    );
    const script = `const net = require("net");
      const ask = (target) => new Promise((resolve) => {
        const socket = net.connect({ host: process.env.POD_IP, port: 15001 });
        let got = "";
        socket.on("data", (data) => { got += data; });
        socket.on("error", () => {});
        socket.on("close", () => resolve(got.slice(9, 12) || "reset"));
        setTimeout(() => socket.destroy(), 1500);
        socket.write("GET http://" + target + "/config_dump HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n");
      });
      Promise.all(${JSON.stringify(targets)}.map(ask)).then((all) => { console.log(all.join(" ")); process.exit(0); });`;
    const { stdout } = await runInPod(place.mesh.kubeconfig, { namespace: at, name: "server" }, [
      process.execPath,
      "-e",
      script,
    ]);
    expect(stdout.trim().split(" ")).toEqual(targets.map(() => expect.stringMatching(/^(40\d|50\d|reset)$/)));
  });

  test("keys and tokens are in no log and on no page", async () => {
    const { place } = now();
    const { home } = place.mesh.towpath;
    const secret = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\./;
    const files = (await readdir(home.path, { recursive: true })).filter((name) => name.endsWith(".log"));
    expect(files.length).toBeGreaterThan(3);
    for (const name of files) {
      expect([name, secret.test(await readFile(join(home.path, name), "utf8"))]).toEqual([name, false]);
    }
    for (const host of [place.waypoint, place.gateway]) {
      for (const path of ["/config_dump", "/clusters", "/certs", "/memory", "/stats/prometheus", "/status"]) {
        expect([host, path, secret.test(await page(host, path))]).toEqual([host, path, false]);
      }
    }
    expect(await page(place.gateway, "/config_dump")).toContain("https");
  });
}

/** The pod of a Gateway, or a pod of that very name. */
async function podName(place: Place, namespace: string, name: string): Promise<string> {
  const { items } = await place.mesh.client.list(podRef, { namespace });
  const found = items.find(({ metadata }) => metadata?.name === name || metadata?.name?.startsWith(`${name}-`));
  return found?.metadata?.name ?? "";
}

/** Names of the configurations that a pod's proxy is given when it calls itself `claimed`; the gRPC status otherwise. */
async function ask(
  place: Place,
  own: string,
  claimed: string,
  namespace: string,
  names: readonly string[],
): Promise<readonly string[] | number> {
  const { mesh } = place;
  const name = await podName(place, at, own);
  const pod = await mesh.client.get(podRef, { namespace: at, name });
  const account = { namespace: at, name: own };
  const { token } = await mesh.client.createToken(account, {
    audiences: ["istio-ca"],
    expirationSeconds: 600,
    boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid: pod?.metadata?.uid },
  } as never);
  const { client, metadata } = await openControlPlaneChannel({
    address: `${place.waypoint.split(".").slice(0, 2).join(".")}.0.1:15012`,
    rootCertificateFile: join(mesh.towpath.home.path, "control-plane", "root-cert.pem"),
    tokenProvider: () => token,
  });
  const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
  const answer = new Promise<readonly string[] | number>((resolve) => {
    stream.on("data", ({ resources }: DeltaDiscoveryResponse) => resolve(resources.map((resource) => resource.name)));
    stream.on("error", ({ code }: ServiceError) => resolve(code));
  });
  const id = `router~127.0.0.1~${claimed}.${namespace}~${namespace}.svc.cluster.local`;
  const { typeUrl } = proxyConfigType;
  stream.write(create(DeltaDiscoveryRequestSchema, { typeUrl, node: { id }, resourceNamesSubscribe: [...names] }));
  const got = await answer;
  // It would count as a proxy that never confirms anything.
  stream.cancel();
  client.close();
  return got;
}

function page(host: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host, port: 15000, path, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("end", () => resolve(text));
    }).on("error", reject);
  });
}
