import { expect } from "vitest";
import type { ResourceRef } from "../../mesh-runtime/kube-client/resource.ts";
import { root } from "../../supervisor/config.ts";
import { conditionsOf, giveWaypoint, manifests } from "../manifests.ts";
import { refOf, type TestMesh } from "../mesh.ts";
import { serviceAccount, type WithConditions } from "../workloads.ts";
import type { Ask } from "./ask.ts";
import { type Case, fromPod, type Send } from "./cases.ts";
import { client, echo, echoService, openGateways, programPod, startPlace } from "./place.ts";

/** Istio's tasks play in `foo` (httpbin behind a waypoint) and `bar`; each table has a Service of its own for httpbin. */
export const at = "foo";
const services = [
  "http",
  "deny",
  "audit",
  "dry",
  "normal",
  "jwt",
  "claims",
  "places",
  "fetched",
  "custom",
  "failing",
  "remote",
];

/** Set by `startTasks`, for all suites. */
export let mesh: TestMesh;
/** `curl` of `foo` and of `bar`. */
export let curl: Send;
export let stranger: Send;
let gateway: string;

/** Starts the mesh with httpbin's stand-in, its waypoint, two clients, the authorizers and the ingress. */
export async function startTasks(): Promise<void> {
  mesh = await startPlace(
    [at, "bar", "ext"],
    [
      ...echo(at, "httpbin", "v1"),
      ...services.map((name) => echoService(at, name, { app: "echo" })),
      ...client(at, "curl"),
      ...client("bar", "curl"),
      serviceAccount("ext", "ext-authz"),
      programPod(
        "ext",
        "ext-authz",
        { app: "ext-authz" },
        ["node", `${root}/scenarios/backends/authorizer.ts`],
        [8000, 9000],
      ),
      ...manifests(`
apiVersion: v1
kind: Service
metadata: { name: ext-authz, namespace: ext }
spec:
  selector: { app: ext-authz }
  ports: [{ name: http, port: 8000, targetPort: 8000 }, { name: grpc, port: 9000, targetPort: 9000 }]
---
apiVersion: v1
kind: Service
metadata: { name: nobody, namespace: ext }
spec: { selector: { app: nobody }, ports: [{ name: http, port: 8000, targetPort: 8000 }] }
`),
    ],
  );
  await configure("BASE");
  await giveWaypoint(mesh, at, services);
  const addresses = await openGateways(
    mesh,
    `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ingress, namespace: istio-ingress }
spec: { gatewayClassName: istio, listeners: [{ name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }] }
`,
  );
  gateway = `${addresses.get("ingress")}:8080`;
  curl = fromPod(mesh, { namespace: at, name: "curl" });
  stranger = fromPod(mesh, { namespace: "bar", name: "curl" });
}

/** MeshConfig: the authorizers, and how paths are normalized. */
export async function configure(normalization: string): Promise<void> {
  const http = (service: string, more: string): string =>
    `{ service: ${service}.ext.svc.cluster.local, port: 8000, timeout: 2s, includeRequestHeadersInCheck: [x-ext-authz], headersToUpstreamOnAllow: [x-ext-authz-check-result, x-ext-authz-received], headersToDownstreamOnDeny: [x-ext-authz-check-result, content-type]${more} }`;
  const text = `
pathNormalization: { normalization: ${normalization} }
extensionProviders:
  - { name: sample-ext-authz-http, envoyExtAuthzHttp: ${http("ext-authz", "")} }
  - { name: sample-ext-authz-grpc, envoyExtAuthzGrpc: { service: ext-authz.ext.svc.cluster.local, port: 9000, timeout: 2s } }
  - { name: unreachable, envoyExtAuthzHttp: ${http("nobody", "")} }
  - { name: unreachable-open, envoyExtAuthzHttp: ${http("nobody", ", failOpen: true")} }
  - { name: unreachable-status, envoyExtAuthzHttp: ${http("nobody", ', statusOnError: "503"')} }
  - { name: no-service, envoyExtAuthzHttp: ${http("not-there", ", failOpen: true")} }
`;
  await mesh.apply({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "istio", namespace: "istio-system" },
    data: { mesh: text },
  } as Parameters<TestMesh["apply"]>[0]);
}

export const to = (name: string, port = 80): Ask => ({ to: `${name}.${at}:${port}` });
/** Asks the ingress from outside, by default from 127.0.0.5. */
export const outside = (host: string, from = "127.0.0.5"): Ask => ({ to: host, at: gateway, from });
export const allowed: Case[1] = { backend: "httpbin" };
export const denied: Case[1] = { status: 403, body: "RBAC: access denied" };

/** A policy for the Service of its table, or the Gateway `ingress`; the rest is YAML in flow style. */
export function policy(
  name: string,
  service: string,
  action: string,
  rules: string,
  { gateway: atGateway = false, annotations = "{}", provider = "" } = {},
): string {
  const target = atGateway
    ? "{ group: gateway.networking.k8s.io, kind: Gateway, name: ingress }"
    : `{ group: "", kind: Service, name: ${service} }`;
  return `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ${name}, namespace: ${atGateway ? "istio-ingress" : at}, annotations: ${annotations} }
spec:
  targetRefs: [${target}]
  action: ${action}${provider === "" ? "" : `\n  provider: { name: ${provider} }`}
  rules: ${rules}
`;
}

export const joined = (...texts: readonly string[]): string => texts.join("---");

/** Waits until an object has this condition; its message. */
export async function says(
  kind: string,
  name: string,
  [type, status, reason]: readonly [type: string, status: string, reason: string],
): Promise<string> {
  const ref = refOf({ apiVersion: "security.istio.io/v1", kind }) as ResourceRef<WithConditions>;
  const object = await mesh.until(ref, { namespace: at, name }, (now) =>
    conditionsOf(now).some((entry) => entry.type === type && entry.status === status && entry.reason === reason),
  );
  const message = conditionsOf(object).find((entry) => entry.type === type)?.message;
  expect(message).toBeDefined();
  return message ?? "";
}
