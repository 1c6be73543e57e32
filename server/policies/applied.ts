/** Which policies act on a service, a namespace, the mesh. Pure. */

import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";
import {
  bindsGateway,
  bindsService,
  peerAuthenticationKeys,
  selectsWorkload,
  targetRefsOf,
} from "@/mesh-runtime/policy/index.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import {
  type Inventory,
  type InventoryGateway,
  type InventoryPod,
  type InventoryService,
  waypointOf,
} from "@/server/inventory/model.ts";

const namespaceOf = (policy: AuthorizationPolicyResource): string => policy.metadata.namespace ?? "default";

/** No selector and no target: acts on a whole namespace, or on the mesh from the root namespace. */
export const isWide = (policy: AuthorizationPolicyResource): boolean =>
  Object.keys(policy.spec?.selector?.matchLabels ?? {}).length === 0 && targetRefsOf(policy).length === 0;

/** ALLOW without rules: nobody gets in unless another policy lets them. */
export const deniesAll = (policy: AuthorizationPolicyResource): boolean =>
  (policy.spec?.action ?? "ALLOW") === "ALLOW" && (policy.spec?.rules ?? []).length === 0;

export interface FoundPolicies {
  /** AuthorizationPolicies that decide at the service's pods, or at the gateway when it is one. */
  ofService(service: InventoryService): readonly AuthorizationPolicyResource[];
  isAuthorized(service: InventoryService): boolean;
  /** Plain text is refused. */
  requiresMtls(service: InventoryService): boolean;
  namespaceRequiresMtls(namespace: string): boolean;
  namespaceLockedDown(namespace: string): boolean;
  readonly meshRequiresMtls: boolean;
  readonly meshLockedDown: boolean;
}

export function findPolicies(inventory: Inventory): FoundPolicies {
  const { authorizationPolicies, peerAuthentications } = inventory;
  const ofPod = (pod: InventoryPod): AuthorizationPolicyResource[] =>
    authorizationPolicies.filter((policy) =>
      isWide(policy)
        ? namespaceOf(policy) === pod.namespace || namespaceOf(policy) === rootNamespace
        : selectsWorkload(policy, pod),
    );
  const ofService = (service: InventoryService): AuthorizationPolicyResource[] => {
    if (service.kind !== "service") {
      const gateway = gatewayOf(inventory, service);
      return gateway === undefined
        ? []
        : authorizationPolicies.filter((policy) =>
            bindsGateway(policy, { ...gateway, gatewayClassName: gateway.className }),
          );
    }
    const waypoint = waypointOf(inventory, service);
    const targeted =
      waypoint === undefined
        ? []
        : authorizationPolicies.filter((policy) =>
            bindsService(policy, service, { ...waypoint, gatewayClassName: waypoint.className }),
          );
    return [...new Set([...service.pods.flatMap(ofPod), ...targeted])];
  };
  const strict = (pod: { namespace: string; labels: Readonly<Record<string, string>> }): boolean =>
    peerAuthenticationKeys(peerAuthentications, pod).length > 0;
  const locked = (namespace: string): boolean =>
    authorizationPolicies.some((policy) => namespaceOf(policy) === namespace && isWide(policy) && deniesAll(policy));
  return {
    ofService,
    isAuthorized: (service) => ofService(service).length > 0,
    requiresMtls: (service) => service.pods.length > 0 && service.pods.every(strict),
    namespaceRequiresMtls: (namespace) => strict({ namespace, labels: {} }),
    namespaceLockedDown: locked,
    meshRequiresMtls: strict({ namespace: rootNamespace, labels: {} }),
    meshLockedDown: locked(rootNamespace),
  };
}

/** The Gateway behind a gateway's Service. */
export const gatewayOf = (inventory: Inventory, service: InventoryService): InventoryGateway | undefined =>
  inventory.gateways.find((gateway) => gateway.namespace === service.namespace && gateway.service === service.name);
