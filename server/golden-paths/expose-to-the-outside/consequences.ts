/** What else must change so that calls from outside get to the service: locks of the gateway, rules of the service. Pure. */
import type { ExposeToTheOutsideForm } from "@/server/contracts/golden-paths/edges.ts";
import { gatewayNameLabel, managedByLabel, managedByTowpath, rootNamespace } from "@/server/inventory/labels.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import { type Intent, type IntentChange, intentKey, intentsOf, intentsOfService } from "../intent.ts";
import { openingChanges } from "../let-a-caller-in/kept-closed.ts";
import type { PathContext } from "../path.ts";
import { foreignListeners } from "./listeners.ts";
import { exposuresOf } from "./previews.ts";

type Known = Pick<PathContext, "current" | "inventory">;
type Place = Pick<ExposeToTheOutsideForm, "gateway" | "host">;

/** The identity that a gateway's pods run under; as the control plane names it where there are none yet. */
export function gatewayAccount(
  { pods }: Inventory,
  { namespace, name }: ExposeToTheOutsideForm["gateway"],
): { readonly kind: "identity"; readonly namespace: string; readonly serviceAccount: string } {
  const pod = pods.find((one) => one.namespace === namespace && one.labels[gatewayNameLabel] === name);
  return { kind: "identity", namespace, serviceAccount: pod?.serviceAccount ?? `${name}-istio` };
}

/** Somebody besides us serves the host at the gateway, or another exposure does. */
function isServedBesides({ gateway, host }: Place, besides: string, { current, inventory }: Known): boolean {
  const exposed = exposuresOf(current, inventory).some(
    (one) =>
      intentKey(one) !== besides &&
      one.host === host &&
      one.gateway.namespace === gateway.namespace &&
      one.gateway.name === gateway.name,
  );
  const routed = inventory.objects.routes.some(
    ({ metadata, spec }) =>
      metadata?.labels?.[managedByLabel] !== managedByTowpath && (spec?.hostnames ?? []).includes(host),
  );
  return exposed || routed || foreignListeners(inventory, gateway).some(({ hostname }) => hostname === host);
}

/** Lock-downs of ours that cover the gateway keep it open for its hosts: this one comes, or goes with its last use. */
export function lockDownChanges(form: ExposeToTheOutsideForm, key: string, context: Known): IntentChange[] {
  const { gateway, host } = form;
  const covering = intentsOf(context.current, "lock-down").filter(
    ({ namespace }) => namespace === rootNamespace || namespace === gateway.namespace,
  );
  return covering.flatMap((before) => {
    const isOurs = (one: (typeof before.openGateways)[number]): boolean =>
      one.namespace === gateway.namespace && one.name === gateway.name;
    const open = before.openGateways.find(isOurs);
    // Without hosts it is open for all.
    if (open !== undefined && open.hosts.length === 0) {
      return [];
    }
    const had = open?.hosts ?? [];
    const goes = !form.exposed && !isServedBesides(form, key, context);
    const hosts = form.exposed ? [...new Set([...had, host])].sort() : goes ? had.filter((one) => one !== host) : had;
    if (hosts.length === had.length) {
      return [];
    }
    const others = before.openGateways.filter((one) => !isOurs(one));
    // No host left is a gateway that is closed, not one that is open for all.
    const openGateways = hosts.length === 0 ? others : [...others, { ...gateway, hosts }];
    const after: Intent = { ...before, openGateways };
    return [{ key: intentKey(before), before, after, subject: after }];
  });
}

/** Where only named callers get in to the service, the gateway must be one of them. */
export function callerChanges(form: ExposeToTheOutsideForm, { current, inventory }: Known): IntentChange[] {
  const { service, port } = form;
  if (!form.exposed || !isRestricted(form, { current, inventory })) {
    return [];
  }
  const caller = gatewayAccount(inventory, form.gateway);
  const fresh: Intent = { slug: "let-a-caller-in", service, caller, ports: [port], requests: [], until: null };
  const key = intentKey(fresh);
  const before = current.get(key);
  const held = before?.slug === "let-a-caller-in" ? before : fresh;
  const anyone = intentsOfService(current, service).some(
    (one) => one.slug === "let-a-caller-in" && one.caller.kind === "anyone" && one.ports.includes(port),
  );
  if (anyone || (before !== undefined && held.ports.includes(port))) {
    return [];
  }
  const ports = [...new Set([...held.ports, port])].sort((one, other) => one - other);
  const after: Intent = { ...held, ports };
  return [{ key, before, after, subject: after }, ...openingChanges(service, current)];
}

/** A rule of ours lets the gateway in to the service. */
export const mayGatewayCall = (
  { service, gateway }: ExposeToTheOutsideForm,
  { current, inventory }: Known,
): boolean => {
  const { serviceAccount } = gatewayAccount(inventory, gateway);
  return intentsOfService(current, service).some(
    (one) =>
      one.slug === "let-a-caller-in" &&
      one.caller.kind === "identity" &&
      one.caller.namespace === gateway.namespace &&
      one.caller.serviceAccount === serviceAccount,
  );
};

function isRestricted({ service }: ExposeToTheOutsideForm, { current, inventory }: Known): boolean {
  const byIntent =
    intentsOfService(current, service).some(({ slug }) => slug === "let-a-caller-in" || slug === "keep-closed") ||
    intentsOf(current, "lock-down").some(({ namespace }) => [rootNamespace, service.namespace].includes(namespace));
  const found = findService(inventory, service);
  return (
    byIntent ||
    (found !== undefined &&
      findPolicies(inventory)
        .ofService(found)
        .some(({ spec }) => (spec?.action ?? "ALLOW") === "ALLOW"))
  );
}
