/** What checks of AuthorizationPolicies have in common. Pure. */
import { type AuthorizationPolicyResource, selectsWorkload, targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { at, type Found, idOf } from "./check.ts";

export const namespaceOfPolicy = ({ metadata }: AuthorizationPolicyResource): string => metadata.namespace ?? "default";

/** Services whose pods the policy selects, or that it targets. */
function servicesOf(policy: AuthorizationPolicyResource, { services }: Inventory): string[] {
  const targets = targetRefsOf(policy);
  return services
    .filter((service) =>
      targets.length > 0
        ? service.namespace === namespaceOfPolicy(policy) &&
          targets.some(({ kind, name }) => kind === "Service" && name === service.name)
        : service.pods.some((pod) => selectsWorkload(policy, pod)),
    )
    .map(idOf);
}

export const eachPolicy = (
  inventory: Inventory,
  check: (policy: AuthorizationPolicyResource, services: readonly string[]) => readonly (Found | undefined)[],
): Found[] =>
  inventory.authorizationPolicies.flatMap((policy) =>
    check(policy, servicesOf(policy, inventory)).filter((one) => one !== undefined),
  );

export const atPolicy = (
  policy: AuthorizationPolicyResource,
  services: readonly string[],
  code: Parameters<typeof at>[2],
  message: string,
  more: Pick<Parameters<typeof at>[4] & object, "path"> = {},
): Found => at("AuthorizationPolicy", policy as Parameters<typeof at>[1], code, message, { services, ...more });

export const operationsOf = ({ spec }: AuthorizationPolicyResource) =>
  (spec?.rules ?? []).flatMap(({ to }) =>
    (to ?? []).flatMap(({ operation }) => (operation === undefined ? [] : [operation])),
  );
export const sourcesOf = ({ spec }: AuthorizationPolicyResource) =>
  (spec?.rules ?? []).flatMap(({ from }) =>
    (from ?? []).flatMap(({ source }) => (source === undefined ? [] : [source])),
  );
