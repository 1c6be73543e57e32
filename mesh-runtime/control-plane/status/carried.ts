import type { L7Policies, ProxyConfig } from "../../xds/proxy-config.ts";

/** Names of the objects that one configuration carries to its proxies. */
export interface Carried {
  /** AuthorizationPolicies, `<namespace>/<name>`. */
  readonly authorizationPolicies: ReadonlySet<string>;
  readonly requestAuthentications: ReadonlySet<string>;
  readonly rateLimitPolicies: ReadonlySet<string>;
  /** `<kind>/<namespace>/<name>` */
  readonly routes: ReadonlySet<string>;
  readonly destinationRules: ReadonlySet<string>;
}

const known = new WeakMap<ProxyConfig, Carried>();

/**
 * What a configuration carries. `rulesOf` names the DestinationRules behind a cluster; which ones they are is part of
 * the cluster, so that a configuration's answer never changes.
 */
export function carriedBy(config: ProxyConfig, rulesOf: (cluster: string) => readonly string[]): Carried {
  let carried = known.get(config);
  if (carried === undefined) {
    const places: readonly L7Policies[] = [...config.listeners, ...config.services, ...config.workloads];
    const routes = [
      ...config.listeners.flatMap((listener) => listener.routes),
      ...config.services.flatMap(({ ports }) => ports.flatMap((port) => port.routes)),
    ];
    carried = {
      authorizationPolicies: new Set(
        places.flatMap(({ authorizations }) => authorizations.map(({ namespace, name }) => `${namespace}/${name}`)),
      ),
      requestAuthentications: new Set(places.flatMap(({ jwtRules }) => jwtRules.map(({ policy }) => policy))),
      rateLimitPolicies: new Set(places.flatMap(({ rateLimits }) => rateLimits.map(({ policy }) => policy))),
      routes: new Set(routes.map(({ key }) => key)),
      destinationRules: new Set(config.clusters.flatMap(({ key }) => rulesOf(key))),
    };
    known.set(config, carried);
  }
  return carried;
}
