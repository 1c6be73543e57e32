import { expect } from "vitest";
import type { ResourceRef } from "../../mesh-runtime/kube-client/resource.ts";
import { conditionsOf, giveWaypoint } from "../manifests.ts";
import { refOf, type TestMesh } from "../mesh.ts";
import type { WithConditions } from "../workloads.ts";
import type { Ask } from "./ask.ts";
import { type Case, fromPod, type Send } from "./cases.ts";
import { client, echo, echoService, startPlace } from "./place.ts";

export const at = "mesh";
const frontends = [
  "echo",
  "ports",
  "split",
  "matching",
  "query",
  "request-headers",
  "redirect-path",
  "redirect-host",
  "redirect-port",
  "redirect-scheme",
  "rewrite",
  "simple",
  "weight",
  "named",
  "grpc-headers",
  "grpc-weight",
  "methods",
  "headers",
  "exact",
  "order",
  "response-headers",
  "backend-headers",
  "timeouts",
  "retry",
  "mirror",
  "cors",
  "broken",
  "grpc-methods",
  "merged",
];

/** Set by `startWaypoint`, for all suites that ask through the same waypoint. */
export let mesh: TestMesh;
/** From a pod of the same namespace, and of another one. */
export let send: Send;
export let elsewhere: Send;

/** Starts the mesh, the back ends, the waypoint before them and the clients. */
export async function startWaypoint(): Promise<void> {
  mesh = await startPlace(
    [at, "mesh-consumer"],
    [
      ...["v1", "v2", "v3"].flatMap((version) => echo(at, `echo-${version}`, version)),
      ...frontends.map((name) => echoService(at, name, { app: "echo" })),
      ...client(at, "client"),
      ...client("mesh-consumer", "client"),
    ],
  );
  await giveWaypoint(mesh, at, [...frontends, "echo-v1", "echo-v2", "echo-v3"]);
  send = fromPod(mesh, { namespace: at, name: "client" });
  elsewhere = fromPod(mesh, { namespace: "mesh-consumer", name: "client" });
}

export const to = (name: string, port = 80): Ask => ({ to: `${name}.${at}:${port}` });
export const v1: Case[1] = { backend: "echo-v1" };
export const v2: Case[1] = { backend: "echo-v2" };
export const v3: Case[1] = { backend: "echo-v3" };
export const notFound: Case[1] = { status: 404 };

/** A route of the frontend `name` with these rules; the rules are YAML in flow style. */
export const route = (name: string, rules: string, { port = 80, kind = "HTTPRoute" } = {}): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ${at} }
spec:
  parentRefs: [{ group: "", kind: Service, name: ${name}, port: ${port} }]
  rules: ${rules}
`;
export const backend = (version: number, port = 8080): string =>
  `backendRefs: [{ name: echo-v${version}, port: ${port} }]`;

export async function statusOf(kind: string, name: string, namespace = at): Promise<WithConditions | undefined> {
  const ref = refOf({ apiVersion: "gateway.networking.k8s.io/v1", kind }) as ResourceRef<WithConditions>;
  return await mesh.client.get<WithConditions>(ref, { namespace, name });
}

export async function accepted(kind: string, name: string): Promise<void> {
  const conditions = conditionsOf(await statusOf(kind, name));
  for (const [type, reason, message] of [
    ["Accepted", "Accepted", "Route was valid"],
    ["ResolvedRefs", "ResolvedRefs", "All references resolved"],
    ...(kind === "HTTPRoute" ? [["ResolvedWaypoints", "ResolvedWaypoints", "All waypoints resolved"]] : []),
  ]) {
    expect(conditions).toContainEqual(expect.objectContaining({ type, status: "True", reason, message }));
  }
}
