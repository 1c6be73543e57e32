import { condition, type WantedCondition } from "../conditions.ts";
import { gatewayGroup } from "../input/gateway.ts";
import { keyOf } from "../input/lenient.ts";
import type { BackendInput, RouteInput } from "../input/route.ts";
import type { World } from "../input/world.ts";
import { hostnameOf } from "../service-address.ts";

/** Who asks for an object of another namespace. */
export interface Referrer {
  readonly kind: "HTTPRoute" | "GRPCRoute" | "Gateway";
  readonly namespace: string;
}

/** Whether a ReferenceGrant in the object's namespace allows the reference (Gateway API "ReferenceGrant"). */
export function isGranted(
  from: Referrer,
  to: { readonly kind: "Service" | "Secret"; readonly namespace: string; readonly name: string },
  world: World,
): boolean {
  for (const grant of world.referenceGrants.values()) {
    if (
      grant.namespace === to.namespace &&
      grant.from.some(
        ({ group, kind, namespace }) => group === gatewayGroup && kind === from.kind && namespace === from.namespace,
      ) &&
      grant.to.some(({ group, kind, name }) => group === "" && kind === to.kind && (name === "" || name === to.name))
    ) {
      return true;
    }
  }
  return false;
}

/**
 * Why a route's reference cannot be followed, as its condition `ResolvedRefs`. Another namespace's Service needs a
 * ReferenceGrant there; mesh routes do not (`enforceGrants`).
 */
export function refusalOf(
  backend: BackendInput,
  route: RouteInput,
  world: World,
  enforceGrants: boolean,
): WantedCondition | undefined {
  const { group, kind, namespace, name } = backend;
  if (group !== "" || kind !== "Service") {
    return refused("InvalidKind", `referencing unsupported backendRef: group "${group}" kind "${kind}"`);
  }
  if (
    enforceGrants &&
    namespace !== route.namespace &&
    !isGranted({ kind: route.kind, namespace: route.namespace }, { kind, namespace, name }, world)
  ) {
    return refused(
      "RefNotPermitted",
      `backendRef ${name}/${namespace} not accessible to a ${route.kind} in namespace "${route.namespace}" (missing a ReferenceGrant?)`,
    );
  }
  return world.services.has(keyOf(backend))
    ? undefined
    : refused("BackendNotFound", `backend(${hostnameOf(backend)}) not found`);
}

const refused = (reason: string, message: string): WantedCondition =>
  condition("ResolvedRefs", "False", reason, message);
