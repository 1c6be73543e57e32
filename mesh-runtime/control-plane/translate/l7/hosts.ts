/** Hosts in DestinationRules and VirtualServices (Istio "Host"): all in lower case. */
import type { ServiceInput } from "../input/service.ts";
import type { World } from "../input/world.ts";

const suffix = ".svc.cluster.local";

/**
 * The full name behind a host of a rule: a name without dots is a Service of the rule's namespace; everything else is
 * taken as it is, `name.namespace` too (istio/istio `ResolveShortnameToFQDN`).
 */
export const fullHost = (host: string, namespace: string): string =>
  host === "" || host.includes(".") || host.startsWith("*") ? host : `${host}.${namespace}${suffix}`;

/** Whether a full host, or a wildcard such as `*.prod.svc.cluster.local` or `*`, covers a hostname. */
export const hostCovers = (host: string, hostname: string): boolean =>
  host === hostname || (host.startsWith("*") && hostname.length >= host.length && hostname.endsWith(host.slice(1)));

/** How closely a covering host fits: an exact name before every wildcard, a longer wildcard before a shorter one. */
export const hostWeight = (host: string): number => (host.startsWith("*") ? host.length : Number.MAX_SAFE_INTEGER);

/** The Service behind a full hostname. */
export function serviceOfHost(hostname: string, world: World): ServiceInput | undefined {
  const labels = hostname.endsWith(suffix) ? hostname.slice(0, -suffix.length).split(".") : [];
  const [name = "", namespace = ""] = labels;
  const service = labels.length === 2 ? world.services.get(`${namespace}/${name}`) : undefined;
  return service?.type === "ExternalName" ? undefined : service;
}

/** What to say about a host that leads nowhere. */
export function unknownHost(host: string, namespace: string): string {
  const full = fullHost(host, namespace);
  const hint = /^[^.*]+\.[^.*]+$/.test(host) ? `; write ${host}${suffix}` : "";
  return `no Service has the host "${full}"${hint}`;
}
