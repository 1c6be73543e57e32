import type { KubeObject } from "../api/meta.ts";
import type { Node } from "../api/node.ts";
import type { Pod } from "../api/pod.ts";
import type { Running } from "../common/lifetime.ts";
import { isKubeError } from "../kube-client/error.ts";
import type { ControllerContext } from "./controller-context.ts";
import { isOver } from "./deployment-pod.ts";
import { bindingOf, resources } from "./resources.ts";
import { choosePlacement } from "./schedule.ts";
import { createWorkQueue } from "./work-queue.ts";
import { fromQueueKey, queueKey } from "./world.ts";

interface Binding extends KubeObject {
  target: { apiVersion: "v1"; kind: "Node"; name: string };
}

/** A pod that fits nowhere is looked at again after this long, and whenever a node or a pod changed. */
const retryMs = 10_000;

/** Binds pods to nodes. One pod at a time, so that each choice sees the one before. */
export function startScheduler({ client, world, log, events }: ControllerContext): Running {
  /** Bound by us, but not yet so in the watch. */
  const assumed = new Map<string, Pod>();

  const isWaiting = (pod: Pod): boolean =>
    !pod.spec?.nodeName &&
    pod.metadata?.deletionTimestamp === undefined &&
    !isOver(pod) &&
    (pod.spec?.schedulerName ?? "default-scheduler") === "default-scheduler" &&
    (pod.spec?.schedulingGates ?? []).length === 0;

  const reconcile = async (key: string): Promise<void> => {
    const { namespace, name } = fromQueueKey(key);
    const pod = world.pods.get(namespace, name);
    const uid = pod?.metadata?.uid ?? "";
    if (pod === undefined || !isWaiting(pod) || assumed.has(uid)) {
      return;
    }
    const others = world.pods.list().map((other) => assumed.get(other.metadata?.uid ?? "") ?? other);
    const placement = choosePlacement(pod, world.nodes.list(), others);
    if (placement.node === undefined) {
      await markUnschedulable(pod, placement.message);
      queue.addAfter(key, retryMs);
      return;
    }
    const binding: Binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { namespace, name, uid },
      target: { apiVersion: "v1", kind: "Node", name: placement.node },
    };
    await client.create(bindingOf(name), binding).catch((error: unknown) => {
      if (!isKubeError(error, "notFound", "conflict", "alreadyExists")) {
        throw error;
      }
    });
    assumed.set(uid, { ...pod, spec: { containers: [], ...pod.spec, nodeName: placement.node } });
    events.record(pod, {
      type: "Normal",
      reason: "Scheduled",
      message: `Successfully assigned ${namespace}/${name} to ${placement.node}`,
    });
  };

  const markUnschedulable = async (pod: Pod, message: string): Promise<void> => {
    const old = pod.status?.conditions ?? [];
    const before = old.find(({ type }) => type === "PodScheduled");
    events.record(pod, { type: "Warning", reason: "FailedScheduling", message });
    if (before?.status === "False" && before.message === message) {
      return;
    }
    const conditions = [
      ...old.filter(({ type }) => type !== "PodScheduled"),
      {
        type: "PodScheduled",
        status: "False",
        reason: "Unschedulable",
        message,
        lastTransitionTime: new Date().toISOString().replace(/\.\d{3}Z$/, "Z"),
      },
    ];
    const { namespace, name } = pod.metadata ?? {};
    const body = { status: { phase: "Pending", conditions } };
    await client
      .patch(resources.pods, { namespace, name }, { type: "merge", body, subresource: "status" })
      .catch((error: unknown) => {
        if (!isKubeError(error, "notFound")) {
          throw error;
        }
      });
  };

  const queue = createWorkQueue({ name: "scheduler", reconcile, log, concurrency: 1 });
  const retryAll = (): void => {
    for (const pod of world.pods.list()) {
      if (isWaiting(pod)) {
        queue.add(queueKey(pod));
      }
    }
  };
  world.pods.onChange((now, before) => {
    const uid = (now ?? before)?.metadata?.uid ?? "";
    if (now === undefined || now.spec?.nodeName) {
      assumed.delete(uid);
    }
    if (now !== undefined && isWaiting(now)) {
      queue.add(queueKey(now));
    } else if (now === undefined) {
      retryAll(); // Its place is free.
    }
  });
  world.nodes.onChange((now, before) => {
    if (placementFacts(now) !== placementFacts(before)) {
      retryAll();
    }
  });
  return { close: () => queue.close() };
}

/** What of a node decides about placement: heartbeats alone must not wake the scheduler. */
const placementFacts = (node: Node | undefined): string =>
  JSON.stringify([
    node?.metadata?.labels,
    node?.spec,
    node?.status?.conditions?.find(({ type }) => type === "Ready")?.status,
  ]);
