import type { ResourceRef } from "../../mesh-runtime/kube-client/resource.ts";
import { conditionsOf } from "../manifests.ts";
import { refOf, type TestMesh } from "../mesh.ts";
import type { WithConditions } from "../workloads.ts";
import type { Ask } from "./ask.ts";
import type { Case } from "./cases.ts";
import { echo, gatewayRef, openGateways, startPlace } from "./place.ts";

export const at = "infra";
/** Set by `startGateways`, for all suites that ask the same gateways. */
export let mesh: TestMesh;
let addresses: ReadonlyMap<string, string>;

/** Starts the mesh, the back ends and the Gateways that the suites share. */
export async function startGateways(): Promise<void> {
  mesh = await startPlace(
    [at, "web", "app"],
    [
      ...["v1", "v2", "v3"].flatMap((version) => echo(at, `echo-${version}`, version)),
      ...echo("app", "app-v1", "v1"),
      ...echo("web", "web-v1", "v1"),
    ],
  );
  addresses = await openGateways(
    mesh,
    `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: same, namespace: ${at}, annotations: { networking.istio.io/service-type: ClusterIP } }
spec:
  gatewayClassName: istio
  listeners:
    - { name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: Same } } }
    - { name: all, port: 8081, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }
    - name: selected
      port: 8082
      protocol: HTTP
      allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { kubernetes.io/metadata.name: web } } } }
    - { name: grpc-only, port: 8083, protocol: HTTP, allowedRoutes: { kinds: [{ kind: GRPCRoute }] } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: hosts, namespace: ${at}, annotations: { networking.istio.io/service-type: ClusterIP } }
spec:
  gatewayClassName: istio
  listeners:
    - { name: listener-1, port: 80, protocol: HTTP, hostname: very.specific.com }
    - { name: listener-2, port: 80, protocol: HTTP, hostname: "*.wildcard.io" }
    - { name: listener-3, port: 80, protocol: HTTP, hostname: "*.anotherwildcard.io" }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: listeners, namespace: ${at}, annotations: { networking.istio.io/service-type: ClusterIP } }
spec:
  gatewayClassName: istio
  listeners:
    - { name: bar, port: 80, protocol: HTTP, hostname: bar.com }
    - { name: foo-bar, port: 80, protocol: HTTP, hostname: foo.bar.com }
    - { name: any-bar, port: 80, protocol: HTTP, hostname: "*.bar.com" }
    - { name: any-foo, port: 80, protocol: HTTP, hostname: "*.foo.com" }
    - { name: p1-foo, port: 8091, protocol: HTTP, hostname: foo.com }
    - { name: p2-foo, port: 8092, protocol: HTTP, hostname: foo.com }
    - { name: p2-bar, port: 8092, protocol: HTTP, hostname: bar.com }
    - { name: p3-foo, port: 8093, protocol: HTTP, hostname: foo.com }
    - { name: p3-bar, port: 8093, protocol: HTTP, hostname: bar.com }
    - { name: i-empty, port: 8094, protocol: HTTP }
    - { name: i-example, port: 8094, protocol: HTTP, hostname: "*.example.com" }
    - { name: i-foo-example, port: 8094, protocol: HTTP, hostname: "*.foo.example.com" }
    - { name: i-abc, port: 8094, protocol: HTTP, hostname: abc.foo.example.com }
`,
  );
}

export const v1: Case[1] = { backend: "echo-v1" };
export const v2: Case[1] = { backend: "echo-v2" };
export const v3: Case[1] = { backend: "echo-v3" };
export const notFound: Case[1] = { status: 404 };

/** Asks a listener's port of a Gateway; ports below 1024 are bound at 8000 more. */
export const ask = (gateway: string, host: string, port = 80): Ask => ({
  to: host,
  at: `${addresses.get(gateway)}:${port < 1024 ? 8000 + port : port}`,
});

export interface RouteOptions {
  readonly parents?: string;
  readonly hostnames?: string;
  readonly kind?: string;
  readonly namespace?: string;
}

/** A route of the Gateway `same`, for the host of its own name. */
export const route = (
  name: string,
  rules: string,
  {
    parents = "[{ name: same, sectionName: http }]",
    hostnames = `[${name}.test]`,
    kind = "HTTPRoute",
    namespace = at,
  }: RouteOptions = {},
): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  parentRefs: ${parents}
  hostnames: ${hostnames}
  rules: ${rules}
`;
export const backend = (version: number, port = 8080): string =>
  `backendRefs: [{ name: echo-v${version}, port: ${port} }]`;
export const rule = (path: string, version: number): string =>
  `{ matches: [{ path: { value: ${path} } }], ${backend(version)} }`;
export const joined = (...texts: readonly string[]): string => texts.join("---");

export const refFor = (kind: string): ResourceRef<WithConditions> =>
  refOf({ apiVersion: "gateway.networking.k8s.io/v1", kind }) as ResourceRef<WithConditions>;

/** Waits until a route says this of itself. */
export async function says(
  name: string,
  type: string,
  status: string,
  reason: string,
  namespace = at,
): Promise<string> {
  const object = await mesh.until(refFor("HTTPRoute"), { namespace, name }, (now) =>
    conditionsOf(now).some(
      (condition) => condition.type === type && condition.status === status && condition.reason === reason,
    ),
  );
  return conditionsOf(object).find((condition) => condition.type === type)?.message ?? "";
}

export interface ListenerStatus {
  readonly name: string;
  readonly attachedRoutes: number;
  readonly supportedKinds: readonly { readonly kind: string }[];
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
}

/** Waits until a listener is as wanted. */
export async function listener(
  gateway: string,
  name: string,
  wanted: (status: ListenerStatus) => boolean,
): Promise<ListenerStatus | undefined> {
  const find = (object: WithConditions | undefined): ListenerStatus | undefined =>
    (object?.status as { listeners?: ListenerStatus[] } | undefined)?.listeners?.find((entry) => entry.name === name);
  return find(
    await mesh.until(gatewayRef, { namespace: at, name: gateway }, (object) => {
      const found = find(object);
      return found !== undefined && wanted(found);
    }),
  );
}
export const has = ({ conditions }: ListenerStatus, type: string, status: string, reason: string): boolean =>
  conditions.some((entry) => entry.type === type && entry.status === status && entry.reason === reason);
