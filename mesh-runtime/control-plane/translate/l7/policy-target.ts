import { gatewayLabels, isWaypoint } from "../gateway/classes.ts";
import type { GatewayInput } from "../input/gateway.ts";
import { type AttachmentInput, isGateway, isGatewayClass, isService } from "../input/target-refs.ts";
import type { MeshFacts } from "../input/world.ts";

/** What a policy may act on: a gateway as a whole, or one service behind a waypoint. */
export interface PolicyTarget {
  /** The ingress gateway, or the waypoint that serves the service. */
  readonly gateway: GatewayInput;
  /** `undefined`: the gateway itself. */
  readonly service: { readonly namespace: string; readonly name: string } | undefined;
}

/**
 * Whether a policy acts on a target. By `targetRefs`: the Service, the Gateway, or from the root namespace its class.
 * Without them an ingress gateway is bound like any workload, by namespace and selector; a waypoint never is (Istio
 * "ambient: targetRefs").
 */
export function actsOn(
  policy: AttachmentInput & { readonly namespace: string },
  { gateway, service }: PolicyTarget,
  { rootNamespace }: MeshFacts,
): boolean {
  if (policy.targets.length > 0) {
    return policy.targets.some(
      (target) =>
        (isService(target) && policy.namespace === service?.namespace && target.name === service.name) ||
        (isGateway(target) && policy.namespace === gateway.namespace && target.name === gateway.name) ||
        (isGatewayClass(target) && policy.namespace === rootNamespace && target.name === gateway.className),
    );
  }
  if (isWaypoint(gateway) || (policy.namespace !== gateway.namespace && policy.namespace !== rootNamespace)) {
    return false;
  }
  const labels = gatewayLabels(gateway);
  return Object.entries(policy.selector ?? {}).every(([name, value]) => labels[name] === value);
}

/** Oldest first, so that an order never depends on how objects arrived. */
export const byAge = (
  a: { readonly createdAtMs: number; readonly namespace: string; readonly name: string },
  b: { readonly createdAtMs: number; readonly namespace: string; readonly name: string },
): number =>
  a.createdAtMs - b.createdAtMs ||
  (a.namespace === b.namespace ? compare(a.name, b.name) : compare(a.namespace, b.namespace));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
