import type { AuthorizationPolicyResource } from "@/mesh-runtime/policy/index.ts";
import type { CallerChoice } from "@/server/contracts/golden-paths/parts.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { findPolicies, isDryRun, isWide } from "@/server/policies/applied.ts";
import { intentsOfService } from "../intent.ts";
import { finding, type PathContext } from "../path.ts";
import { waypointName } from "../surroundings.ts";

/**
 * Services whose callers a policy made by hand lets in at the pods: behind a waypoint they arrive with the waypoint's
 * identity, and are refused there (`resources.md` §15). Services of which we know the callers are rewritten instead, and
 * so is `except`.
 */
export function cutOffServices(
  namespace: string,
  field: string,
  { inventory, current }: Pick<PathContext, "inventory" | "current">,
  except = "",
): Finding[] {
  const policies = findPolicies(inventory);
  return inventory.services
    .filter((service) => service.namespace === namespace && service.kind === "service" && service.name !== except)
    .filter((service) =>
      intentsOfService(current, service).every(({ slug }) => slug !== "let-a-caller-in" && slug !== "keep-closed"),
    )
    .flatMap((service) => {
      const allowing = policies.ofService(service).filter((policy) => allows(policy) && !isWide(policy));
      if (allowing.length === 0 || allowing.some((policy) => letsWaypointIn(policy, namespace))) {
        return [];
      }
      const places = allowing.map(({ metadata }) => `AuthorizationPolicy ${namespace}/${metadata.name ?? ""}`);
      const callers = allowing.flatMap((policy) => callersOf(policy, inventory));
      const message = `${service.name} lets callers in by ${places.join(" and ")}, made by hand. Behind a waypoint they arrive as the waypoint and would be refused. Let them in by Towpath first: it moves the rule.`;
      return [
        finding("warning", "waypoint-cut-off", field, message, {
          place: places[0] ?? "",
          path: callers.length === 0 ? null : letIn(service, callers),
        }),
      ];
    });
}

const allows = (policy: AuthorizationPolicyResource): boolean =>
  !isDryRun(policy) && (policy.spec?.action ?? "ALLOW") === "ALLOW" && policy.spec?.selector !== undefined;

function accountsOf({ metadata, spec }: AuthorizationPolicyResource): string[] {
  const sources = (spec?.rules ?? []).flatMap(({ from = [] }) => from.map(({ source }) => source));
  return sources.flatMap((source) => [
    ...(source?.serviceAccounts ?? []).map((name) =>
      name.includes("/") ? name : `${metadata.namespace ?? ""}/${name}`,
    ),
    ...(source?.principals ?? []).flatMap((name) => {
      const [, namespace, account] = /\/ns\/([^/*]+)\/sa\/([^/*]+)$/.exec(name) ?? [];
      return namespace === undefined || account === undefined ? [] : [`${namespace}/${account}`];
    }),
  ]);
}

/** It names the waypoint, or everybody. */
const letsWaypointIn = (policy: AuthorizationPolicyResource, namespace: string): boolean =>
  accountsOf(policy).includes(`${namespace}/${waypointName}`) ||
  (policy.spec?.rules ?? []).some(
    ({ from }) => from === undefined || from.some(({ source }) => source?.principals?.includes("*") === true),
  );

function callersOf(policy: AuthorizationPolicyResource, inventory: Inventory): CallerChoice[] {
  return [...new Set(accountsOf(policy))].flatMap((account): CallerChoice[] => {
    const [namespace = "", serviceAccount = ""] = account.split("/");
    const exists = inventory.namespaces.some(({ name }) => name === namespace && name !== rootNamespace);
    return exists ? [{ kind: "identity", namespace, serviceAccount }] : [];
  });
}

const letIn = (service: InventoryService, callers: readonly CallerChoice[]): NonNullable<Finding["path"]> => ({
  slug: "let-a-caller-in",
  title: `Let them in to ${service.name}`,
  reason: "So that the waypoint knows the callers",
  values: {
    service: { namespace: service.namespace, name: service.name },
    callers,
    ports: service.ports.map(({ port }) => port),
    allowed: true,
  },
});
