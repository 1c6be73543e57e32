import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Denial } from "../mesh-runtime/api/telemetry.ts";
import { TestMesh } from "./mesh.ts";
import { requestFrom } from "./pod-session.ts";
import {
  allow,
  deny,
  enforce,
  mutualTls,
  namespace,
  pod,
  podCaptured,
  podReady,
  service,
  serviceAccount,
} from "./workloads.ts";

/**
 * Enrolled or not × same or other node × allow or deny × STRICT or PERMISSIVE, with real requests from real pods. The
 * table is the guarantee; what it expects is computed from these few sentences only:
 * a server outside the mesh takes everybody; STRICT refuses who has no identity; DENY beats; ALLOW lets in whom it names.
 */
const servers = [
  { at: "meshed-servers", name: "near", node: "node-a", enrolled: true },
  { at: "meshed-servers", name: "far", node: "node-b", enrolled: true },
  { at: "plain-servers", name: "near", node: "node-a", enrolled: false },
  { at: "plain-servers", name: "far", node: "node-b", enrolled: false },
] as const;
const clients = [
  { at: "meshed-clients", name: "client", enrolled: true },
  { at: "plain-clients", name: "client", enrolled: false },
] as const;
const caller = "meshed-clients/client";
type PolicyName = "none" | "allows the caller" | "allows somebody else" | "denies the caller";
const settings = (["none", "allows the caller", "allows somebody else", "denies the caller"] as const).flatMap(
  (policy) => (["PERMISSIVE", "STRICT"] as const).map((mode) => ({ policy, mode })),
);

function expected(
  client: { enrolled: boolean },
  server: { enrolled: boolean },
  policy: PolicyName,
  mode: string,
): boolean {
  if (!server.enrolled) {
    return true;
  }
  if (mode === "STRICT" && !client.enrolled) {
    return false;
  }
  switch (policy) {
    case "none":
      return true;
    case "allows the caller":
      return client.enrolled;
    case "allows somebody else":
      return false;
    case "denies the caller":
      return !client.enrolled;
  }
}

let mesh: TestMesh;
beforeAll(async () => {
  mesh = await TestMesh.start();
  await mesh.apply(
    namespace("meshed-servers", true),
    namespace("plain-servers", false),
    namespace("meshed-clients", true),
    namespace("plain-clients", false),
    ...[...servers, ...clients].map(({ at, name }) => serviceAccount(at, name)),
    ...servers.flatMap(({ at, name, node }) => [service(at, name, 8000), pod(at, name, node, "towpath/httpbin", 8000)]),
    ...clients.map(({ at, name }) => pod(at, name, "node-a", "towpath/sleep")),
  );
  await Promise.all([...servers, ...clients].map(({ at, name }) => podReady(mesh, at, name)));
  await Promise.all(
    [...servers, ...clients].filter(({ enrolled }) => enrolled).map(({ at, name }) => podCaptured(mesh, at, name)),
  );
});
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

describe.each(settings)("policy that $policy, $mode", ({ policy, mode }) => {
  beforeAll(async () => {
    for (const at of ["meshed-servers", "plain-servers"]) {
      await enforce(mesh, mutualTls(at, mode));
      if (policy !== "none") {
        const make = policy === "denies the caller" ? deny : allow;
        await enforce(mesh, make(at, "callers", [policy === "allows somebody else" ? "default/nobody" : caller]));
      }
    }
  });

  test.each(clients.flatMap((client) => servers.map((server) => ({ client, server }))))(
    "$client.at → $server.at/$server.name",
    async ({ client, server }) => {
      const url = `http://${server.name}.${server.at}:8000/get`;
      const answers = await requestFrom(mesh.kubeconfig, { namespace: client.at, name: client.name }, url, [
        "--count",
        "2",
      ]);
      const wanted = expected(client, server, policy, mode) ? 200 : 503;
      expect(answers.map(({ status }) => status)).toEqual([wanted, wanted]);
    },
  );
});

describe("a refusal", () => {
  /** The refusal that a request which is sent now meets at the pod's agent. */
  async function refusalOf(client: string, server: string): Promise<Denial> {
    const sinceMs = Date.now();
    const url = `http://${server}.meshed-servers:8000/get`;
    await requestFrom(mesh.kubeconfig, { namespace: client, name: "client" }, url);
    return mesh.collector.until(
      ({ denials }) =>
        denials.find(
          ({ timeUnixMs, destinationPod, labels }) =>
            timeUnixMs >= sinceMs && destinationPod === server && labels.source_workload_namespace === client,
        ),
      `the refusal of ${client} at ${server}`,
    );
  }

  test("names policy, rule and attribute, the caller's identity, and the hop that decided", async () => {
    await enforce(mesh, mutualTls("meshed-servers", "PERMISSIVE"));
    await enforce(mesh, allow("meshed-servers", "callers", ["default/nobody"]));
    expect(await refusalOf("meshed-clients", "far")).toMatchObject({
      hop: "agent",
      node: "node-b",
      reason: "no-allow-policy-matched",
      policy: "meshed-servers/callers",
      rule: 0,
      attribute: "source.serviceAccount",
      labels: {
        reporter: "destination",
        source_principal: "spiffe://cluster.local/ns/meshed-clients/sa/client",
        destination_workload_namespace: "meshed-servers",
        connection_security_policy: "mutual_tls",
      },
    });
  });

  test("of plain text under STRICT is told apart from a refused identity", async () => {
    await enforce(mesh, mutualTls("meshed-servers", "STRICT"));
    expect(await refusalOf("plain-clients", "near")).toMatchObject({
      reason: "plain-text-under-strict",
      policy: "istio-system/istio_converted_static_strict",
      labels: { connection_security_policy: "none" },
    });
  });
});
