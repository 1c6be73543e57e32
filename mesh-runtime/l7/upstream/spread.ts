import type { L7Locality } from "../../xds/proxy-config.ts";
import type { Endpoint } from "../mesh-view.ts";
import { failoverPriority, type Home, matchesLocality, type Place, scopePriority } from "./locality-preference.ts";
import { type LevelHealth, localityAvailability, priorityLoads } from "./priority-load.ts";

/** An endpoint as the spread sees it. */
export interface SpreadMember {
  readonly endpoint: Pick<Endpoint, "healthy" | "locality" | "workload">;
  readonly ejected: boolean;
}

/** Members that share a part of the load. */
export interface Part<T> {
  /** More than 0; relative to the other parts. */
  readonly share: number;
  /** At least one. */
  readonly members: readonly T[];
}

/**
 * Who may be used, in which shares: by locality, health and panic. Empty when nobody may.
 *
 * Pods that are not ready are never used. They count as unwell in the health of their level, as they do in Istio, except
 * where a panic threshold is set: there Istio leaves them out, lest panic should send them requests.
 */
export function spread<T extends SpreadMember>(
  members: readonly T[],
  locality: L7Locality,
  home: Home,
  panicPercent: number,
): Part<T>[] {
  const counted = panicPercent > 0 ? members.filter(isReady) : members;
  switch (locality.kind) {
    case "none":
      return byPriority([counted], panicPercent);
    case "failover":
      return byPriority(
        levelsOf(counted, (place) => failoverPriority(home, place, locality.regions)),
        panicPercent,
      );
    case "scopes": {
      const { scopes, strict } = locality;
      const levels = levelsOf(counted, (place) => scopePriority(home, place, scopes), strict);
      return byPriority(levels, panicPercent);
    }
    case "distribute": {
      const shares = locality.shares.find(({ from }) => matchesLocality(from, home));
      // Nothing said for this home: Istio leaves the endpoints as they are.
      return shares === undefined ? byPriority([counted], panicPercent) : byShare(counted, shares.to, panicPercent);
    }
    default:
      return locality satisfies never;
  }
}

/** Members by priority, the most preferred first; `strict` keeps only those that agree in everything. */
function levelsOf<T extends SpreadMember>(
  members: readonly T[],
  priorityOf: (place: Place) => number,
  strict = false,
): T[][] {
  const levels = new Map<number, T[]>();
  for (const member of members) {
    const priority = priorityOf(placeOf(member));
    if (strict && priority > 0) {
      continue;
    }
    const level = levels.get(priority);
    if (level === undefined) {
      levels.set(priority, [member]);
    } else {
      level.push(member);
    }
  }
  return [...levels].sort(([one], [other]) => one - other).map(([, level]) => level);
}

function byPriority<T extends SpreadMember>(levels: readonly (readonly T[])[], panicPercent: number): Part<T>[] {
  const loads = priorityLoads(levels.map(healthOf), panicPercent);
  return levels.flatMap((level, index) => {
    const load = loads[index];
    const usable = load?.panic === true ? level.filter(isReady) : level.filter(isUsable);
    return partOf(load?.percent ?? 0, usable);
  });
}

/** Hard shares: what no share names is not there. */
function byShare<T extends SpreadMember>(
  members: readonly T[],
  to: readonly { readonly locality: string; readonly weight: number }[],
  panicPercent: number,
): Part<T>[] {
  const left = new Set(members);
  const groups = to.map(({ locality, weight }) => {
    const group = [...left].filter(({ endpoint }) => matchesLocality(locality, endpoint.locality));
    for (const member of group) {
      left.delete(member);
    }
    return { weight, group: weight > 0 ? group : [] };
  });
  const all = groups.flatMap(({ group }) => group);
  const [load] = priorityLoads([healthOf(all)], panicPercent);
  if (load?.panic === true) {
    return partOf(100, all.filter(isReady));
  }
  return groups.flatMap(({ weight, group }) =>
    partOf(weight * localityAvailability(healthOf(group)), group.filter(isUsable)),
  );
}

const partOf = <T>(share: number, members: readonly T[]): Part<T>[] =>
  share > 0 && members.length > 0 ? [{ share, members }] : [];

const healthOf = (members: readonly SpreadMember[]): LevelHealth => ({
  healthy: members.filter(isUsable).length,
  total: members.length,
});

const isReady = ({ endpoint }: SpreadMember): boolean => endpoint.healthy;

const isUsable = ({ endpoint, ejected }: SpreadMember): boolean => endpoint.healthy && !ejected;

const placeOf = ({ endpoint: { locality, workload } }: SpreadMember): Place => ({
  region: locality.region,
  zone: locality.zone,
  subzone: locality.subzone,
  node: workload.node,
});
