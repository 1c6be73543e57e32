import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import type { ResourceRef } from "../mesh-runtime/kube-client/resource.ts";
import { refOf, type TestMesh } from "./mesh.ts";
import { serviceRef, type WithConditions } from "./workloads.ts";

/** Objects as they stand in a file for `kubectl apply -f`. */
export const manifests = (text: string): KubeObject[] =>
  parseAllDocuments(text).map((document) => document.toJS() as KubeObject);

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number | string;
}

/** Conditions wherever a kind keeps them: on itself or per parent. */
export function conditionsOf(object: KubeObject | undefined): readonly Condition[] {
  const status = (object as { status?: { conditions?: Condition[]; parents?: { conditions?: Condition[] }[] } })
    ?.status;
  return [...(status?.conditions ?? []), ...(status?.parents ?? []).flatMap(({ conditions }) => conditions ?? [])];
}

export const hasCondition = (object: KubeObject | undefined, type: string, status = "True"): boolean =>
  conditionsOf(object).some((condition) => condition.type === type && condition.status === status);

/** Applies objects and waits until every proxy that they concern enforces this very generation. */
export async function enact(mesh: TestMesh, text: string): Promise<void> {
  const objects = manifests(text);
  await mesh.apply(...objects);
  for (const object of objects) {
    const { name = "", namespace = "" } = object.metadata ?? {};
    if (carried.has(object.kind ?? "")) {
      await mesh.until(refOf(object) as ResourceRef<WithConditions>, { namespace, name }, (now) =>
        conditionsOf(now).some(
          ({ type, status, observedGeneration }) =>
            type === "towpath.dev/Enforced" &&
            status === "True" &&
            Number(observedGeneration) === now?.metadata?.generation,
        ),
      );
    }
  }
}

/** Takes objects away again. */
export async function retract(mesh: TestMesh, text: string): Promise<void> {
  for (const object of manifests(text).reverse()) {
    await mesh.delete(object);
  }
}

const carried: ReadonlySet<string> = new Set([
  "AuthorizationPolicy",
  "HTTPRoute",
  "GRPCRoute",
  "RequestAuthentication",
  "DestinationRule",
  "VirtualService",
  "RateLimitPolicy",
  "ServiceEntry",
]);

const gatewayRef = refOf({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
}) as ResourceRef<WithConditions>;

/** Gives a namespace of the mesh a waypoint: the Gateway, then, once it is programmed, the label. */
export async function giveWaypoint(mesh: TestMesh, namespace: string, services: readonly string[]): Promise<void> {
  await mesh.apply(
    ...manifests(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: waypoint, namespace: ${namespace}, labels: { istio.io/waypoint-for: service } }
spec: { gatewayClassName: istio-waypoint, listeners: [{ name: mesh, port: 15008, protocol: HBONE }] }
`),
  );
  await mesh.until(gatewayRef, { namespace, name: "waypoint" }, (object) => hasCondition(object, "Programmed"));
  await mesh.apply(
    ...manifests(`
apiVersion: v1
kind: Namespace
metadata: { name: ${namespace}, labels: { istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint } }
`),
  );
  for (const name of services) {
    await mesh.until(serviceRef, { namespace, name }, (object) => hasCondition(object, "istio.io/WaypointBound"));
  }
}
