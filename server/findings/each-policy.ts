/** What checks of AuthorizationPolicies have in common. Pure. */
import { type AuthorizationPolicyResource, selectsWorkload, targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryPod, InventoryService } from "@/server/inventory/model.ts";
import { at, type Found, idOf } from "./check.ts";

export const namespaceOfPolicy = ({ metadata }: AuthorizationPolicyResource): string => metadata.namespace ?? "default";

/** Policies of the root namespace are about all pods, others about those of their own. */
const reaches = (policy: AuthorizationPolicyResource, namespace: string): boolean =>
  [namespace, rootNamespace].includes(namespaceOfPolicy(policy));

/** Pods that a policy without targets is about. */
export const podsOf = (policy: AuthorizationPolicyResource, { pods }: Inventory): InventoryPod[] =>
  pods.filter((pod) => reaches(policy, pod.namespace) && selectsWorkload(policy, pod));

/** Services whose pods the policy selects, or that it targets. */
function servicesOf(policy: AuthorizationPolicyResource, { services }: Inventory): InventoryService[] {
  const targets = targetRefsOf(policy);
  return services
    .filter((service) => reaches(policy, service.namespace))
    .filter((service) =>
      targets.length > 0
        ? service.namespace === namespaceOfPolicy(policy) &&
          targets.some(({ kind, name }) => kind === "Service" && name === service.name)
        : service.pods.some((pod) => selectsWorkload(policy, pod)),
    );
}

type Covered = readonly {
  readonly policy: AuthorizationPolicyResource;
  readonly services: readonly InventoryService[];
}[];

/** Several checks ask the same of one inventory. */
const known = new WeakMap<Inventory, Covered>();

function coveredBy(inventory: Inventory): Covered {
  const covered =
    known.get(inventory) ??
    inventory.authorizationPolicies.map((policy) => ({ policy, services: servicesOf(policy, inventory) }));
  known.set(inventory, covered);
  return covered;
}

export const eachPolicy = (
  inventory: Inventory,
  check: (policy: AuthorizationPolicyResource, services: readonly InventoryService[]) => readonly (Found | undefined)[],
): Found[] =>
  coveredBy(inventory).flatMap(({ policy, services }) => check(policy, services).filter((one) => one !== undefined));

export const atPolicy = (
  policy: AuthorizationPolicyResource,
  services: readonly InventoryService[],
  code: Parameters<typeof at>[2],
  message: string,
  more: Pick<Parameters<typeof at>[4] & object, "path"> = {},
): Found =>
  at("AuthorizationPolicy", policy as Parameters<typeof at>[1], code, message, {
    services: services.map(idOf),
    ...more,
  });

export const operationsOf = ({ spec }: AuthorizationPolicyResource) =>
  (spec?.rules ?? []).flatMap(({ to }) =>
    (to ?? []).flatMap(({ operation }) => (operation === undefined ? [] : [operation])),
  );
export const sourcesOf = ({ spec }: AuthorizationPolicyResource) =>
  (spec?.rules ?? []).flatMap(({ from }) =>
    (from ?? []).flatMap(({ source }) => (source === undefined ? [] : [source])),
  );
