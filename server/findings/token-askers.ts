import { targetRefsOf } from "@/mesh-runtime/policy/index.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";

/** Whether any policy at the service's waypoint looks at tokens. Pure. */
export const authorizationAsksForTokens = (
  { authorizationPolicies }: Inventory,
  { namespace, name, waypoint }: InventoryService,
): boolean =>
  authorizationPolicies.some(
    (policy) =>
      targetRefsOf(policy).some(
        (ref) =>
          (ref.kind === "Service" && ref.name === name && policy.metadata.namespace === namespace) ||
          (ref.kind === "Gateway" &&
            ref.name === waypoint?.name &&
            policy.metadata.namespace === waypoint?.namespace) ||
          ref.kind === "GatewayClass",
      ) &&
      (policy.spec?.rules ?? []).some(
        ({ from, when }) =>
          (when ?? []).some(({ key }) => key.startsWith("request.auth.")) ||
          (from ?? []).some(
            ({ source }) => (source?.requestPrincipals ?? []).length + (source?.notRequestPrincipals ?? []).length > 0,
          ),
      ),
  );
