/** Which policies act on a service, a namespace, the mesh. Pure. */

import { httpAttributes } from "@/mesh-runtime/policy/http-attributes.ts";
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

/** Only told, never enforced. */
export const isDryRun = ({ metadata }: AuthorizationPolicyResource): boolean =>
  metadata.annotations?.["istio.io/dry-run"] === "true";

/** Restricts who may call: AUDIT and CUSTOM alone do not, nor does a dry run. */
const decides = (policy: AuthorizationPolicyResource): boolean =>
  !isDryRun(policy) && ["ALLOW", "DENY"].includes(policy.spec?.action ?? "ALLOW");

/** Some rule names HTTP attributes, which an agent cannot judge. */
export const asksForHttp = ({ spec }: AuthorizationPolicyResource): boolean =>
  (spec?.rules ?? []).some((rule) => httpAttributes(rule).length > 0);

const targetsService = (policy: AuthorizationPolicyResource, service: { namespace: string; name: string }): boolean =>
  namespaceOf(policy) === service.namespace &&
  targetRefsOf(policy).some(
    ({ kind, group = "", name }) => kind === "Service" && group === "" && name === service.name,
  );

export interface FoundPolicies {
  /** AuthorizationPolicies that decide at the service's pods, or at the gateway when it is one. */
  ofService(service: InventoryService): readonly AuthorizationPolicyResource[];
  /** Those that ask for what only a waypoint can judge, where none is in the way: at layer 4 they are stricter or nothing. */
  withoutWaypoint(service: InventoryService): readonly AuthorizationPolicyResource[];
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
            bindsService(
              policy,
              { namespace: service.namespace, name: service.name },
              { ...waypoint, gatewayClassName: waypoint.className },
            ),
          );
    return [...new Set([...service.pods.flatMap(ofPod), ...targeted])];
  };
  const withoutWaypoint = (service: InventoryService): AuthorizationPolicyResource[] => {
    if (service.kind !== "service") {
      return [];
    }
    const targeted =
      waypointOf(inventory, service) === undefined
        ? authorizationPolicies.filter((policy) => targetsService(policy, service))
        : [];
    const selected = service.pods.flatMap(ofPod).filter(asksForHttp);
    return [...new Set([...targeted, ...selected])];
  };
  const strict = (pod: { namespace: string; labels: Readonly<Record<string, string>> }): boolean =>
    peerAuthenticationKeys(peerAuthentications, pod).length > 0;
  const locked = (namespace: string): boolean =>
    authorizationPolicies.some((policy) => namespaceOf(policy) === namespace && isWide(policy) && deniesAll(policy));
  return {
    ofService,
    withoutWaypoint,
    isAuthorized: (service) => ofService(service).some(decides),
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
