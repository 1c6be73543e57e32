/** Rules made by hand that keep calls from outside away. Pure. */
import { targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import type { ExposeToTheOutsideForm } from "@/server/contracts/golden-paths/edges.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import { intentsOf } from "../intent.ts";
import { finding, type PathContext } from "../path.ts";

/** The gateway is locked down, not by us, and no policy of its own opens it for the host. */
export function lockFindings({ gateway, host }: ExposeToTheOutsideForm, context: PathContext): Finding[] {
  const { inventory, current } = context;
  const policies = findPolicies(inventory);
  const ours = intentsOf(current, "lock-down").some(({ namespace }) =>
    [rootNamespace, gateway.namespace].includes(namespace),
  );
  const locked = policies.meshLockedDown || policies.namespaceLockedDown(gateway.namespace);
  if (ours || !locked) {
    return [];
  }
  const opened = inventory.authorizationPolicies.some(
    (policy) =>
      policy.metadata.namespace === gateway.namespace &&
      targetRefsOf(policy).some(({ kind, name }) => kind === "Gateway" && name === gateway.name) &&
      (policy.spec?.rules ?? []).some(
        ({ to = [] }) =>
          to.length === 0 ||
          to.some(({ operation }) => operation?.hosts === undefined || operation.hosts.includes(host)),
      ),
  );
  const message = `The gateway ${gateway.name} is locked down by a rule made by hand, and nothing opens it for ${host}: callers from outside would be refused.`;
  return opened
    ? []
    : [
        finding("warning", "gateway-cut-off", "gateway", message, {
          place: `Gateway ${gateway.namespace}/${gateway.name}`,
        }),
      ];
}
