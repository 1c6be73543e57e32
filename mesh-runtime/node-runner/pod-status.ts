import type { ContainerStatus, PodCondition, PodStatus } from "./pod-types.ts";
import { shouldRestart } from "./restart-policy.ts";

/** What the node runner knows of a pod. */
export interface PodFacts {
  readonly hostIP: string;
  readonly podIP: string;
  /** The agent acknowledged the pod (or none is needed). */
  readonly networkReady: boolean;
  readonly startTime: string;
  readonly restartPolicy: string | undefined;
  readonly initContainers: readonly ContainerStatus[];
  readonly containers: readonly ContainerStatus[];
  /** Why the pod has no network yet. */
  readonly networkProblem: string | undefined;
  readonly now: string;
}

/**
 * The pod's status as the kubelet would write it (Kubernetes "Pod Lifecycle").
 * @param previous its conditions of other writers (PodScheduled) and transition times are kept
 */
export function podStatus(facts: PodFacts, previous: PodStatus | undefined): PodStatus {
  const { containers, initContainers, hostIP, podIP } = facts;
  const phase = podPhase(facts);
  const initialized = initContainers.every(({ state }) => state?.terminated?.exitCode === 0);
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const containersReady: Wish =
    phase === "Succeeded"
      ? { status: "False", reason: "PodCompleted" }
      : phase === "Failed"
        ? { status: "False", reason: "PodFailed" }
        : unready.length > 0
          ? {
              status: "False",
              reason: "ContainersNotReady",
              message: `containers with unready status: [${unready.join(" ")}]`,
            }
          : { status: "True" };
  const wishes: Readonly<Record<string, Wish>> = {
    PodReadyToStartContainers: !facts.networkReady
      ? { status: "False", ...(facts.networkProblem !== undefined && { message: facts.networkProblem }) }
      : { status: "True" },
    Initialized: initialized
      ? { status: "True" }
      : { status: "False", reason: "ContainersNotInitialized", message: initMessage(initContainers) },
    ContainersReady: containersReady,
    Ready: containersReady,
    PodScheduled: { status: "True" },
  };
  return {
    phase,
    conditions: mergeConditions(wishes, previous?.conditions ?? [], facts.now),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    // Known to all before the agent captures the pod: its policy comes with the workload of this address.
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: previous?.startTime ?? facts.startTime,
    ...(initContainers.length > 0 && { initContainerStatuses: [...initContainers] }),
    containerStatuses: [...containers],
    qosClass: previous?.qosClass ?? "BestEffort",
  };
}

interface Wish {
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
}

function mergeConditions(
  wishes: Readonly<Record<string, Wish>>,
  previous: readonly PodCondition[],
  now: string,
): PodCondition[] {
  const mine = Object.entries(wishes).map(([type, wish]): PodCondition => {
    const old = previous.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === wish.status ? (old.lastTransitionTime ?? now) : now;
    return { type, ...wish, lastTransitionTime };
  });
  return [...mine, ...previous.filter(({ type }) => wishes[type] === undefined)];
}

/** Pending until every container ran once; Running while one runs or will; then Succeeded or Failed. */
export function podPhase({ initContainers, containers, restartPolicy }: PodFacts): NonNullable<PodStatus["phase"]> {
  const failedInit = initContainers.some(
    ({ state }) => state?.terminated !== undefined && state.terminated.exitCode !== 0,
  );
  if (failedInit && !shouldRestart(restartPolicy, 1)) {
    return "Failed";
  }
  const ended = containers.filter(({ state }) => state?.terminated !== undefined);
  if (containers.length > 0 && ended.length === containers.length) {
    return ended.every(({ state }) => state?.terminated?.exitCode === 0) ? "Succeeded" : "Failed";
  }
  const everRan = containers.every(
    ({ state, lastState }) => state?.waiting === undefined || lastState?.terminated !== undefined,
  );
  return everRan ? "Running" : "Pending";
}

function initMessage(initContainers: readonly ContainerStatus[]): string {
  const open = initContainers.filter(({ state }) => state?.terminated?.exitCode !== 0).map(({ name }) => name);
  return `containers with incomplete status: [${open.join(" ")}]`;
}
