import type { Deployment } from "../api/deployment.ts";

type Status = NonNullable<Deployment["status"]>;
type DeploymentCondition = NonNullable<Status["conditions"]>[number];

/** Counts of a Deployment's pods. */
export interface RolloutCounts {
  readonly replicas: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  readonly terminating: number;
}

export interface DeploymentStatusFacts {
  readonly deployment: Deployment;
  readonly counts: RolloutCounts;
  readonly maxUnavailable: number;
  /** Hash of the current template. */
  readonly hash: string;
  readonly now: Date;
}

const stamp = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, "Z");

/** The status as Kubernetes' deployment controller writes it, which is what `kubectl rollout status` reads. */
export function deploymentStatus({ deployment, counts, maxUnavailable, hash, now }: DeploymentStatusFacts): Status {
  const wished = deployment.spec?.replicas ?? 1;
  const previous = deployment.status?.conditions ?? [];
  const observed = deployment.metadata?.generation;
  return {
    ...(observed !== undefined && { observedGeneration: observed }),
    replicas: counts.replicas,
    updatedReplicas: counts.updated,
    readyReplicas: counts.ready,
    availableReplicas: counts.available,
    unavailableReplicas: Math.max(0, Math.max(wished, counts.replicas) - counts.available),
    terminatingReplicas: counts.terminating,
    conditions: [
      merged(previous, available(wished, counts, maxUnavailable), now),
      merged(previous, progressing(deployment, counts, hash, now), now),
    ],
  };
}

/** When the Progressing condition must be looked at again, in ms; undefined when it cannot run out. */
export function deadlineInMs(deployment: Deployment, now: Date): number | undefined {
  const condition = deployment.status?.conditions?.find(({ type }) => type === "Progressing");
  if (condition?.reason !== "ReplicaSetUpdated" || condition.lastUpdateTime === undefined) {
    return undefined;
  }
  const seconds = deployment.spec?.progressDeadlineSeconds ?? 600;
  return Math.max(0, Date.parse(condition.lastUpdateTime) + (seconds + 1) * 1000 - now.getTime());
}

type Wish = Pick<DeploymentCondition, "type" | "status" | "reason" | "message"> & { readonly progressed?: boolean };

const available = (wished: number, counts: RolloutCounts, maxUnavailable: number): Wish =>
  counts.available >= wished - maxUnavailable
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };

function progressing(deployment: Deployment, counts: RolloutCounts, hash: string, now: Date): Wish {
  const wished = deployment.spec?.replicas ?? 1;
  const name = `${deployment.metadata?.name ?? ""}-${hash}`;
  const complete = counts.updated === wished && counts.replicas === wished && counts.available === wished;
  if (complete) {
    return {
      type: "Progressing",
      status: "True",
      reason: "NewReplicaSetAvailable",
      message: `ReplicaSet "${name}" has successfully progressed.`,
    };
  }
  const before = deployment.status;
  const progressed =
    counts.updated > (before?.updatedReplicas ?? 0) ||
    counts.ready > (before?.readyReplicas ?? 0) ||
    counts.available > (before?.availableReplicas ?? 0) ||
    counts.replicas - counts.updated < (before?.replicas ?? 0) - (before?.updatedReplicas ?? 0) ||
    before?.observedGeneration !== deployment.metadata?.generation;
  const old = before?.conditions?.find(({ type }) => type === "Progressing");
  const since = Date.parse(old?.lastUpdateTime ?? "");
  const deadlineMs = (deployment.spec?.progressDeadlineSeconds ?? 600) * 1000;
  const isLate = !progressed && (old?.reason === "ProgressDeadlineExceeded" || now.getTime() - since > deadlineMs);
  // A finished rollout that lost pods is not a stuck one: the clock starts with the loss.
  return isLate && old?.reason !== "NewReplicaSetAvailable"
    ? {
        type: "Progressing",
        status: "False",
        reason: "ProgressDeadlineExceeded",
        message: `ReplicaSet "${name}" has timed out progressing.`,
      }
    : {
        type: "Progressing",
        status: "True",
        reason: "ReplicaSetUpdated",
        message: `ReplicaSet "${name}" is progressing.`,
        progressed,
      };
}

function merged(previous: readonly DeploymentCondition[], wish: Wish, now: Date): DeploymentCondition {
  const { progressed, ...condition } = wish;
  const old = previous.find(({ type }) => type === wish.type);
  const same = old?.status === wish.status && old.reason === wish.reason && old.message === wish.message;
  return {
    ...condition,
    lastUpdateTime: same && progressed !== true ? (old.lastUpdateTime ?? stamp(now)) : stamp(now),
    lastTransitionTime: old?.status === wish.status ? (old.lastTransitionTime ?? stamp(now)) : stamp(now),
  };
}
