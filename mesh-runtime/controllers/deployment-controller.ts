import { randomBytes } from "node:crypto";
import type { Deployment } from "../api/deployment.ts";
import type { Pod } from "../api/pod.ts";
import type { Running } from "../common/lifetime.ts";
import { isKubeError } from "../kube-client/error.ts";
import type { ControllerContext } from "./controller-context.ts";
import { planRollout, type RolloutPod, rolloutLimits } from "./deployment-plan.ts";
import { hashLabel, isOver, isOwnedBy, podFromTemplate, readySinceMs } from "./deployment-pod.ts";
import { deadlineInMs, deploymentStatus } from "./deployment-status.ts";
import { resources } from "./resources.ts";
import { randomSuffix, templateHash } from "./template-hash.ts";
import { createWorkQueue } from "./work-queue.ts";
import { fromQueueKey, queueKey } from "./world.ts";

/** Pods made or ended in one turn, at most. */
const batchMax = 50;
/** A made pod that the watch has not shown after this long is believed lost. */
const unseenMs = 30_000;

/** Makes each Deployment's pods be what its template and replicas say. */
export function startDeploymentController({ client, world, log, events }: ControllerContext): Running {
  /** What this controller did and the watch has not shown yet; without it the next turn would do it again. */
  const created = new Map<string, { pod: Pod; untilMs: number }>();
  const removed = new Set<string>();

  const podsOf = (deployment: Deployment): Pod[] => {
    const seen = world.pods.list().filter((pod) => isOwnedBy(pod, deployment));
    const unseen = [...created.values()].filter(
      ({ pod, untilMs }) => isOwnedBy(pod, deployment) && untilMs > Date.now(),
    );
    return [...seen, ...unseen.map(({ pod }) => pod)];
  };
  const isEnding = (pod: Pod): boolean =>
    pod.metadata?.deletionTimestamp !== undefined || removed.has(pod.metadata?.uid ?? "");

  const make = async (deployment: Deployment, hash: string): Promise<void> => {
    try {
      const pod = await client.create(resources.pods, podFromTemplate(deployment, hash, randomSuffix(randomBytes(5))));
      const uid = pod.metadata?.uid ?? "";
      if (world.pods.get(pod.metadata?.namespace, pod.metadata?.name ?? "") === undefined) {
        created.set(uid, { pod, untilMs: Date.now() + unseenMs });
      }
      events.record(deployment, {
        type: "Normal",
        reason: "SuccessfulCreate",
        message: `Created pod: ${pod.metadata?.name}`,
      });
    } catch (error) {
      if (!isKubeError(error, "alreadyExists")) {
        events.record(deployment, {
          type: "Warning",
          reason: "FailedCreate",
          message: `Error creating: ${String(error)}`,
        });
      }
      throw error;
    }
  };
  const end = async (deployment: Deployment, pod: Pod): Promise<void> => {
    const { uid = "", name = "", namespace = "" } = pod.metadata ?? {};
    removed.add(uid);
    try {
      await client.delete(resources.pods, { namespace, name }, { preconditions: { uid } });
      events.record(deployment, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted pod: ${name}` });
    } catch (error) {
      removed.delete(uid);
      if (!isKubeError(error, "notFound", "conflict")) {
        throw error;
      }
    }
  };

  const reconcile = async (key: string): Promise<void> => {
    const { namespace, name } = fromQueueKey(key);
    const deployment = world.deployments.get(namespace, name);
    if (deployment?.spec === undefined || deployment.metadata?.deletionTimestamp !== undefined) {
      return;
    }
    const { spec } = deployment;
    const now = new Date();
    const hash = templateHash(spec.template);
    const replicas = spec.replicas ?? 1;
    const limits = rolloutLimits(
      replicas,
      spec.strategy?.rollingUpdate?.maxSurge,
      spec.strategy?.rollingUpdate?.maxUnavailable,
    );
    const minReadyMs = (spec.minReadySeconds ?? 0) * 1000;
    const all = podsOf(deployment);
    const live = all.filter((pod) => !isEnding(pod) && !isOver(pod));
    const view = live.map((pod): RolloutPod => {
      const since = readySinceMs(pod);
      return {
        name: pod.metadata?.name ?? "",
        current: pod.metadata?.labels?.[hashLabel] === hash,
        ready: since !== undefined,
        available: since !== undefined && now.getTime() - since >= minReadyMs,
        createdAtMs: Date.parse(pod.metadata?.creationTimestamp ?? "") || now.getTime(),
      };
    });
    const strategy = spec.strategy?.type === "Recreate" ? "Recreate" : "RollingUpdate";
    const step = planRollout({ replicas, strategy, ...limits, paused: spec.paused === true }, view, all.some(isEnding));
    const wanted = new Set(step.remove);
    const over = all.filter((pod) => isOver(pod) && !isEnding(pod));
    const ending = [...over, ...live.filter((pod) => wanted.has(pod.metadata?.name ?? ""))];
    const results = await Promise.allSettled([
      ...Array.from({ length: Math.min(step.create, batchMax) }, () => make(deployment, hash)),
      ...ending.slice(0, batchMax).map((pod) => end(deployment, pod)),
    ]);
    await writeStatus(deployment, view, all.filter(isEnding).length, limits.maxUnavailable, hash, now);
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) {
      throw failed.reason;
    }
    if (step.create > batchMax || ending.length > batchMax) {
      queue.add(key);
    }
    if (minReadyMs > 0 && view.some(({ ready, available }) => ready && !available)) {
      queue.addAfter(key, Math.min(minReadyMs, 1_000));
    }
    const deadlineMs = deadlineInMs(deployment, now);
    if (deadlineMs !== undefined) {
      queue.addAfter(key, deadlineMs);
    }
  };

  const writeStatus = async (
    deployment: Deployment,
    view: readonly RolloutPod[],
    terminating: number,
    maxUnavailable: number,
    hash: string,
    now: Date,
  ): Promise<void> => {
    const counts = {
      replicas: view.length,
      updated: view.filter(({ current }) => current).length,
      ready: view.filter(({ ready }) => ready).length,
      available: view.filter(({ available }) => available).length,
      terminating,
    };
    const status = deploymentStatus({ deployment, counts, maxUnavailable, hash, now });
    if (JSON.stringify(status) === JSON.stringify(comparable(deployment.status, status))) {
      return;
    }
    const { namespace, name } = deployment.metadata ?? {};
    await client
      .patch(resources.deployments, { namespace, name }, { type: "merge", body: { status }, subresource: "status" })
      .catch((error: unknown) => {
        if (!isKubeError(error, "notFound")) {
          throw error;
        }
      });
  };

  const queue = createWorkQueue({ name: "deployments", reconcile, log });
  world.deployments.onChange((now, before) => queue.add(queueKey(now ?? before ?? {})));
  world.pods.onChange((now, before) => {
    const pod = now ?? before;
    const uid = pod?.metadata?.uid ?? "";
    created.delete(uid);
    if (now === undefined) {
      removed.delete(uid);
    }
    const owner = pod?.metadata?.ownerReferences?.find(
      ({ controller, kind }) => controller === true && kind === "Deployment",
    );
    if (owner !== undefined) {
      queue.add(`${pod?.metadata?.namespace ?? ""}/${owner.name}`);
    }
  });
  return { close: () => queue.close() };
}

/** The old status with the fields of the new one, in its order, for comparison. */
function comparable(old: object | undefined, like: object): object {
  const fields = new Map(Object.entries(old ?? {}));
  const pick = (value: unknown, model: unknown): unknown => {
    if (Array.isArray(value) && Array.isArray(model)) {
      return value.map((item, index) => pick(item, model[index]));
    }
    if (typeof value === "object" && value !== null && typeof model === "object" && model !== null) {
      const record = value as Record<string, unknown>;
      return Object.fromEntries(Object.keys(model).map((key) => [key, record[key]]));
    }
    return value;
  };
  return Object.fromEntries(Object.entries(like).map(([key, model]) => [key, pick(fields.get(key), model)]));
}
