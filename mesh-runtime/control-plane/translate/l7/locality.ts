import type { L7Locality } from "../../../xds/proxy-config.ts";
import type { LocalitySettings } from "../input/locality-settings.ts";
import type { ServiceInput } from "../input/service.ts";
import type { World } from "../input/world.ts";
import { serviceLoadBalancing } from "../service-load-balancing.ts";

type Scope = Extract<L7Locality, { kind: "scopes" }>["scopes"][number];

const none: L7Locality = { kind: "none" };

/**
 * Which localities a cluster prefers (istio/istio `GetEffectiveLbSetting`): the DestinationRule's settings, else the
 * Service's traffic distribution, else the mesh's default, which is failover from zone to region to the rest. Failover
 * needs outlier detection, since otherwise nothing tells that a locality fails; `distribute` and the Service's own wish
 * do not.
 */
export function localityOf(
  settings: LocalitySettings | undefined,
  service: ServiceInput,
  world: World,
  { detects }: { readonly detects: boolean },
): L7Locality {
  if (settings !== undefined) {
    return fromSettings(settings, detects);
  }
  const wish = serviceLoadBalancing(service, world.namespaces.get(service.namespace));
  const scopes = wish?.scopes.filter((scope): scope is Scope => scope !== "NETWORK" && scope !== "CLUSTER") ?? [];
  if (wish !== undefined && scopes.length > 0) {
    return { kind: "scopes", scopes, strict: wish.mode === "STRICT" };
  }
  return detects && world.meshConfig.localityFailover ? { kind: "failover", regions: [] } : none;
}

function fromSettings(settings: LocalitySettings, detects: boolean): L7Locality {
  if (!settings.enabled) {
    return none;
  }
  if (settings.distribute.length > 0) {
    return { kind: "distribute", shares: settings.distribute };
  }
  if (!detects) {
    return none;
  }
  return settings.scopes !== undefined && settings.scopes.length > 0
    ? { kind: "scopes", scopes: settings.scopes, strict: false }
    : { kind: "failover", regions: settings.failover };
}
