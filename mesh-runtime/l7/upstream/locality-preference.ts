import type { Locality } from "../../xds/model.ts";
import type { L7Locality } from "../../xds/proxy-config.ts";

/** Where this proxy is. */
export interface Home extends Locality {
  readonly node: string;
}

/** Where an endpoint is. */
export type Place = Home;

/**
 * Priority of a place under `failover`, 0 first: same subzone, same zone, same region, then the region that the home
 * region fails over to, then the rest (Istio, "Locality Load Balancing", and `applyLocalityFailover`).
 */
export function failoverPriority(
  home: Home,
  place: Place,
  regions: readonly { readonly from: string; readonly to: string }[],
): number {
  if (home.region === place.region) {
    return home.zone !== place.zone ? 2 : home.subzone !== place.subzone ? 1 : 0;
  }
  const named = regions.find(({ from }) => from === home.region);
  return named === undefined || named.to === place.region ? 3 : 4;
}

/** Priority of a place under `scopes`, 0 when all agree: the first scope that differs decides (Istio, `failoverPriority`). */
export function scopePriority(home: Home, place: Place, scopes: readonly Scope[]): number {
  const differs = scopes.findIndex((scope) => home[fieldOf[scope]] !== place[fieldOf[scope]]);
  return differs === -1 ? 0 : scopes.length - differs;
}

type Scope = Extract<L7Locality, { kind: "scopes" }>["scopes"][number];

const fieldOf = { REGION: "region", ZONE: "zone", SUBZONE: "subzone", NODE: "node" } as const;

/**
 * Whether a locality matches `region`, `region/zone` or `region/zone/subzone`; what is left out matches everything, and
 * each part may end in `*` (Istio, `LocalityLoadBalancerSetting.Distribute`).
 */
export function matchesLocality(pattern: string, { region, zone, subzone }: Locality): boolean {
  const [regionPattern = "", zonePattern = "", subzonePattern = ""] = pattern.split("/");
  return (
    matchesPart(regionPattern, region) &&
    (zonePattern === "" || matchesPart(zonePattern, zone)) &&
    (subzonePattern === "" || matchesPart(subzonePattern, subzone))
  );
}

const matchesPart = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
