/** Who else serves the host, and whether our route may. Pure. */
import type { HTTPRoute } from "@/mesh-runtime/api/httproute.ts";
import type { ExposeToTheOutsideForm } from "@/server/contracts/golden-paths/edges.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { type Intent, intentKey } from "../intent.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { type Exposure, foreignListeners, servedHosts } from "./listeners.ts";
import { exposuresOf } from "./previews.ts";

type Form = ExposeToTheOutsideForm;

/** A part of the host that somebody else serves. */
interface Taken {
  readonly path: string;
  readonly by: string;
  readonly place: string;
}

export function hostFindings(form: Form, context: PathContext): Finding[] {
  const taken = [...takenByExposures(form, context), ...takenByRoutes(form, context.inventory)];
  const same = taken.filter(({ path }) => path === form.path);
  if (same.length > 0) {
    return same.map(({ by, place }) => {
      const message = `${form.host}${form.path} is served by ${by} already. Choose another host or path, or take it back there first.`;
      return finding("error", "host-taken", form.path === "/" ? "host" : "path", message, { place });
    });
  }
  return [...wholeHostFindings(form, taken), ...listenerFindings(form, context)];
}

function takenByExposures(form: Form, { current, inventory }: PathContext): Taken[] {
  return exposuresOf(current, inventory)
    .filter((one) => one.host === form.host && isSameGateway(one.gateway, form.gateway))
    .filter(({ service }) => service.namespace !== form.service.namespace || service.name !== form.service.name)
    .map(({ path, service }) => ({ path, by: service.name, place: `Service ${service.namespace}/${service.name}` }));
}

/** Routes that somebody made by hand. */
function takenByRoutes({ host, gateway }: Form, { objects }: Inventory): Taken[] {
  return objects.routes
    .filter(({ metadata }) => metadata?.labels?.[managedByLabel] !== managedByTowpath)
    .filter((route) => isAttached(route, gateway) && (route.spec?.hostnames ?? []).includes(host))
    .flatMap(({ metadata, spec }) => {
      const place = `HTTPRoute ${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
      const paths = (spec?.rules ?? []).flatMap(({ matches = [] }) =>
        matches.length === 0 ? ["/"] : matches.map(({ path }) => path?.value ?? "/"),
      );
      return [...new Set(paths)].map((path) => ({ path, by: place, place }));
    });
}

const isAttached = ({ metadata, spec }: HTTPRoute, gateway: Form["gateway"]): boolean =>
  (spec?.parentRefs ?? []).some(
    ({ kind = "Gateway", name, namespace = metadata?.namespace }) =>
      kind === "Gateway" && name === gateway.name && namespace === gateway.namespace,
  );

const isSameGateway = (one: Form["gateway"], other: Form["gateway"]): boolean =>
  one.namespace === other.namespace && one.name === other.name;

/** Longer paths win (Gateway API): what is said here is which requests are whose. */
function wholeHostFindings({ host, path, service }: Form, taken: readonly Taken[]): Finding[] {
  const [first] = taken;
  if (first === undefined) {
    return [];
  }
  const others = [...new Set(taken.map((one) => `${host}${one.path} (${one.by})`))];
  const message =
    path === "/"
      ? `Every request to ${host} goes to ${service.name}, but for ${listNames(others)}.`
      : `${host} is shared with ${listNames(others)}: the longer path wins.`;
  return [finding("info", "host-taken", "path", message, { place: first.place })];
}

/** Listeners of the gateway that serve just this host take our route only where they let our namespace in. */
function listenerFindings(form: Form, { inventory, current }: PathContext): Finding[] {
  const { exposed: _exposed, ...values } = form;
  const own: Exposure = { slug: "expose-to-the-outside", ...values };
  const key = intentKey(own satisfies Intent);
  const others = exposuresOf(current, inventory).filter((one) => intentKey(one) !== key);
  const served = servedHosts([...others, own], inventory).find(
    ({ host, gateway }) => host === form.host && isSameGateway(gateway, form.gateway),
  );
  const place = `Gateway ${form.gateway.namespace}/${form.gateway.name}`;
  const found: Finding[] = [];
  for (const listener of [served?.http?.foreign, served?.https?.foreign]) {
    if (listener !== undefined && !letsIn(listener.allowedRoutes?.namespaces, form, inventory)) {
      const message = `The gateway's own listener ${listener.name} serves ${form.host} and takes no routes of ${form.service.namespace}. Ask its platform engineers to let the namespace in, or choose another host.`;
      found.push(finding("error", "route-conflict", "host", message, { place }));
    }
  }
  const certificates = new Set(
    (served?.exposures ?? []).flatMap(({ certificate }) => (certificate === null ? [] : [certificate])),
  );
  if (certificates.size > 1 && served?.https?.foreign === undefined) {
    const message = `${form.host} is served with the certificates ${listNames([...certificates].sort())}. One host has one certificate: use the same.`;
    found.push(finding("error", "route-conflict", "certificate", message, { place }));
  }
  const every = foreignListeners(inventory, form.gateway).filter(({ hostname }) => hostname === undefined);
  if (found.length === 0 && served?.http?.foreign === undefined && every.length > 0) {
    const message = `The listener ${every.map(({ name }) => name).join(", ")} of the gateway serves any host. From now on ${form.host} has one of its own: routes at the other do not see its requests.`;
    found.push(finding("info", "host-taken", "host", message, { place }));
  }
  return found;
}

type Allowed = NonNullable<ReturnType<typeof foreignListeners>[number]["allowedRoutes"]>["namespaces"];

function letsIn(allowed: Allowed, { service, gateway }: Form, { namespaces }: Inventory): boolean {
  switch (allowed?.from) {
    case "All":
      return true;
    case "Selector": {
      const labels = {
        "kubernetes.io/metadata.name": service.namespace,
        ...namespaces.find(({ name }) => name === service.namespace)?.labels,
      };
      const { matchLabels = {}, matchExpressions = [] } = allowed.selector ?? {};
      return (
        Object.entries(matchLabels).every(([name, value]) => labels[name as keyof typeof labels] === value) &&
        // What is not read here is left to the gateway's own word after the change.
        matchExpressions.every(
          ({ key, operator, values = [] }) =>
            operator !== "In" || values.includes(labels[key as keyof typeof labels] ?? ""),
        )
      );
    }
    default:
      return service.namespace === gateway.namespace;
  }
}
