/** How well one priority level is. */
export interface LevelHealth {
  readonly healthy: number;
  readonly total: number;
}

/** What a level gets. */
export interface LevelLoad {
  /** Whole percent; all levels add up to 100, unless nobody can serve. */
  readonly percent: number;
  /** So few are healthy that all are used, healthy or not. */
  readonly panic: boolean;
}

/** Percent: a level counts as whole as long as 1/1.4 of it is healthy (Envoy, `overprovisioning_factor`). */
const overprovisioning = 140;

/**
 * Divides load over priority levels as Envoy does ("Priority levels" and "Panic threshold" in its load balancing pages):
 * a level takes what its healthy share times 1.4 allows, the rest spills to the next. Panic is looked at only when all
 * levels together cannot take everything; `panicPercent` 0 turns it off.
 *
 * One thing is better than Envoy: where rounding leaves nothing to every level, the first that has anybody healthy gets it
 * all; Envoy then looks at the first level alone.
 */
export function priorityLoads(levels: readonly LevelHealth[], panicPercent: number): LevelLoad[] {
  const availability = levels.map(({ healthy, total }) =>
    total === 0 ? 0 : Math.min(100, Math.floor((overprovisioning * healthy) / total)),
  );
  const available = Math.min(
    100,
    availability.reduce((sum, percent) => sum + percent, 0),
  );
  const panic = levels.map(
    ({ healthy, total }) => available < 100 && (total === 0 ? 0 : (100 * healthy) / total) < panicPercent,
  );
  const percents = panic.every(Boolean)
    ? byHosts(levels)
    : available === 0
      ? firstAlive(levels)
      : byAvailability(availability, available);
  return percents.map((percent, level) => ({ percent, panic: panic[level] ?? false }));
}

/** How much of its weight a locality keeps while it is partly unwell (Envoy, locality weighted load balancing): 0 to 1. */
export function localityAvailability({ healthy, total }: LevelHealth): number {
  return total === 0 ? 0 : Math.min(1, (overprovisioning / 100) * (healthy / total));
}

function byAvailability(availability: readonly number[], available: number): number[] {
  let left = 100;
  const percents = availability.map((percent) => {
    const share = Math.min(left, Math.floor((percent * 100) / available));
    left -= share;
    return share;
  });
  return addTo(
    percents,
    availability.findIndex((percent) => percent > 0),
    left,
  );
}

/** In panic everywhere: by size, regardless of health. */
function byHosts(levels: readonly LevelHealth[]): number[] {
  const hosts = levels.reduce((sum, { total }) => sum + total, 0);
  if (hosts === 0) {
    return levels.map(() => 0);
  }
  const percents = levels.map(({ total }) => Math.floor((100 * total) / hosts));
  const left = 100 - percents.reduce((sum, percent) => sum + percent, 0);
  return addTo(
    percents,
    levels.findIndex(({ total }) => total > 0),
    left,
  );
}

function firstAlive(levels: readonly LevelHealth[]): number[] {
  return addTo(
    levels.map(() => 0),
    levels.findIndex(({ healthy }) => healthy > 0),
    100,
  );
}

/** What rounding left over goes to one level. */
const addTo = (percents: readonly number[], level: number, more: number): number[] =>
  percents.map((percent, index) => (index === level ? percent + more : percent));
