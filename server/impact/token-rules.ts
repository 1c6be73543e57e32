/** Which tokens are verified for a service. Pure. */
import type { RequestAuthentication } from "@/mesh-runtime/api/requestauthentication.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryGateway } from "@/server/inventory/model.ts";

type Rules = NonNullable<NonNullable<RequestAuthentication["spec"]>["jwtRules"]>;

/** Rules that a waypoint applies to requests for one of its services: by target, never by selector or namespace. */
export function tokenRulesOf(
  { objects }: Pick<Inventory, "objects">,
  service: { readonly namespace: string; readonly name: string },
  waypoint: Pick<InventoryGateway, "namespace" | "name" | "className">,
): Rules {
  return objects.requestAuthentications.flatMap(({ metadata, spec }) => {
    const namespace = metadata?.namespace ?? "";
    const targets = [...(spec?.targetRefs ?? []), ...(spec?.targetRef === undefined ? [] : [spec.targetRef])];
    const binds = targets.some(
      ({ kind, name }) =>
        (kind === "Service" && namespace === service.namespace && name === service.name) ||
        (kind === "Gateway" && namespace === waypoint.namespace && name === waypoint.name) ||
        (kind === "GatewayClass" && namespace === rootNamespace && name === waypoint.className),
    );
    return binds ? (spec?.jwtRules ?? []) : [];
  });
}

/** Headers that may carry a token; undefined when one may come another way, where nobody looks. */
export function tokenHeaders(rules: Rules): readonly string[] | undefined {
  const elsewhere = rules.some(
    ({ fromParams, fromCookies }) => (fromParams ?? []).length > 0 || (fromCookies ?? []).length > 0,
  );
  return elsewhere
    ? undefined
    : rules.flatMap(({ fromHeaders }) =>
        (fromHeaders ?? []).length === 0
          ? ["authorization"]
          : (fromHeaders ?? []).map(({ name }) => name.toLowerCase()),
      );
}
