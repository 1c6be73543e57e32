/** One pod of a Deployment, as far as a rollout cares. */
export interface RolloutPod {
  readonly name: string;
  /** Made from the current template. */
  readonly current: boolean;
  /** Ready for at least minReadySeconds. */
  readonly available: boolean;
  readonly ready: boolean;
  readonly createdAtMs: number;
}

export interface RolloutWish {
  readonly replicas: number;
  readonly strategy: "RollingUpdate" | "Recreate";
  /** More pods than `replicas` at one time. */
  readonly maxSurge: number;
  /** Fewer available pods than `replicas` at one time. */
  readonly maxUnavailable: number;
  /** No pods of a new template are made while others run. */
  readonly paused: boolean;
}

/** What to do now: how many pods of the current template to make, and which pods to end. */
export interface RolloutStep {
  readonly create: number;
  readonly remove: readonly string[];
}

/**
 * The next step of a rollout (Kubernetes "Deployments: Rolling Update Deployment"). Keeps two promises at every step:
 * never more than `replicas + maxSurge` pods after it, and no available pod ended when that would leave fewer than
 * `replicas - maxUnavailable` available.
 * @param pods live pods only: terminating and finished ones do not count
 * @param terminating whether pods are still ending; Recreate waits for them
 */
export function planRollout(wish: RolloutWish, pods: readonly RolloutPod[], terminating: boolean): RolloutStep {
  const current = pods.filter((pod) => pod.current);
  const old = pods.filter((pod) => !pod.current);
  const surplus = current.length - wish.replicas;
  if (surplus > 0) {
    // Scaling down: first those that nobody would miss.
    const remove = leastMissed(current).slice(0, surplus);
    return { create: 0, remove: [...names(remove), ...planOld(wish, without(current, remove), old)] };
  }
  if (wish.paused && old.length > 0) {
    const tooMany = Math.max(0, pods.length - wish.replicas);
    return { create: 0, remove: names(leastMissed(old).slice(0, tooMany)) };
  }
  if (wish.strategy === "Recreate") {
    return old.length > 0
      ? { create: 0, remove: names(old) }
      : { create: terminating ? 0 : wish.replicas - current.length, remove: [] };
  }
  const room = wish.replicas + wish.maxSurge - pods.length;
  const create = Math.max(0, Math.min(wish.replicas - current.length, room));
  return { create, remove: planOld(wish, current, old) };
}

/** Which old pods may end: unready ones first, available ones only while enough others are available. */
function planOld(wish: RolloutWish, current: readonly RolloutPod[], old: readonly RolloutPod[]): string[] {
  if (wish.strategy === "Recreate" || wish.replicas === 0) {
    return names(old);
  }
  const minAvailable = wish.replicas - wish.maxUnavailable;
  const unavailableOld = old.filter(({ available }) => !available);
  const availableOld = old.filter(({ available }) => available);
  const availableCurrent = current.filter(({ available }) => available).length;
  // Unready old pods serve nobody, but while new ones come up they may be all that is about to be ready.
  const spare = current.length + old.length - minAvailable - (current.length - availableCurrent);
  const unready = leastMissed(unavailableOld).slice(0, Math.max(0, spare));
  const spareAvailable = Math.max(0, availableCurrent + availableOld.length - minAvailable);
  const available = leastMissed(availableOld).slice(0, Math.min(spareAvailable, Math.max(0, spare - unready.length)));
  return names([...unready, ...available]);
}

/** Unready before ready, then the youngest first (Kubernetes' ActivePodsWithRanks, without the node ranks). */
function leastMissed(pods: readonly RolloutPod[]): RolloutPod[] {
  const rank = (pod: RolloutPod): number => (pod.available ? 2 : pod.ready ? 1 : 0);
  return [...pods].sort((a, b) => rank(a) - rank(b) || b.createdAtMs - a.createdAtMs || (a.name < b.name ? -1 : 1));
}

const names = (pods: readonly RolloutPod[]): string[] => pods.map(({ name }) => name);
const without = (pods: readonly RolloutPod[], removed: readonly RolloutPod[]): RolloutPod[] =>
  pods.filter((pod) => !removed.includes(pod));

/** Resolves `maxSurge` and `maxUnavailable`: percentages round up resp. down, and both zero would never move. */
export function rolloutLimits(
  replicas: number,
  maxSurge: number | string | undefined,
  maxUnavailable: number | string | undefined,
): { maxSurge: number; maxUnavailable: number } {
  const surge = portion(maxSurge ?? "25%", replicas, Math.ceil);
  const unavailable = Math.min(replicas, portion(maxUnavailable ?? "25%", replicas, Math.floor));
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function portion(value: number | string, whole: number, round: (value: number) => number): number {
  const percent = typeof value === "string" ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  const number = percent === undefined ? Number(value) : round((Number(percent) * whole) / 100);
  return Number.isFinite(number) ? Math.max(0, number) : 0;
}
