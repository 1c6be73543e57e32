import type { Node } from "../api/node.ts";
import type { Pod } from "../api/pod.ts";
import type { Running } from "../common/lifetime.ts";
import { isKubeError } from "../kube-client/error.ts";
import type { ControllerContext } from "./controller-context.ts";
import { resources } from "./resources.ts";
import { createWorkQueue } from "./work-queue.ts";

/** Times after which a silent node and its pods are given up. */
export interface NodeLifeTimes {
  /** Silence after which the node is NotReady. */
  readonly graceMs: number;
  readonly checkMs: number;
}

const defaultTimes: NodeLifeTimes = { graceMs: 10_000, checkMs: 1_000 };

/**
 * Calls nodes NotReady that no longer say that they live, and ends the pods of nodes that stay silent or are gone.
 * Silence is measured on this process's own clock from the last change it saw, so clocks need not agree and the time in
 * which nobody watched is not held against the node.
 */
export function startNodeLife(
  { client, world, log, events }: ControllerContext,
  times: NodeLifeTimes = defaultTimes,
): Running {
  const heard = new Map<string, { heartbeat: string; atMs: number }>();
  const lostSinceMs = new Map<string, number>();
  const now = (): number => performance.now();

  const reconcile = async (name: string): Promise<void> => {
    const node = world.nodes.get(undefined, name);
    if (node === undefined) {
      heard.delete(name);
      lostSinceMs.delete(name);
      await endPods(name, true, Number.POSITIVE_INFINITY);
      return;
    }
    const heartbeat = readyCondition(node)?.lastHeartbeatTime ?? "";
    const isReady = readyCondition(node)?.status === "True";
    const last = heard.get(name);
    if (last === undefined || last.heartbeat !== heartbeat) {
      heard.set(name, { heartbeat, atMs: now() });
      if (isReady) {
        lostSinceMs.delete(name);
      }
      return;
    }
    if (now() - last.atMs < times.graceMs) {
      return;
    }
    if (!(await isSilent(name, heartbeat))) {
      return;
    }
    if (isReady) {
      await markLost(node);
    }
    const since = lostSinceMs.get(name) ?? now();
    lostSinceMs.set(name, since);
    await markPodsNotReady(name);
    await endPods(name, false, now() - since);
  };

  /** Asks the API itself: a watch that is behind, or an API that is away, is not the node's silence. */
  const isSilent = async (name: string, known: string): Promise<boolean> => {
    const fresh = await client.get(resources.nodes, { name }).catch(() => undefined);
    const heartbeat = fresh === undefined ? known : (readyCondition(fresh)?.lastHeartbeatTime ?? "");
    if (fresh === undefined || heartbeat !== known) {
      heard.set(name, { heartbeat: known, atMs: now() });
      return false;
    }
    return true;
  };

  const markLost = async (node: Node): Promise<void> => {
    const at = stamp();
    const conditions = (node.status?.conditions ?? []).map((condition) => ({
      ...condition,
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Kubelet stopped posting node status.",
      lastTransitionTime: at,
    }));
    const key = { name: node.metadata?.name };
    await client.patch(resources.nodes, key, {
      type: "merge",
      body: { status: { conditions } },
      subresource: "status",
    });
    log.warn("node is silent", { node: node.metadata?.name });
    events.record(node, {
      type: "Normal",
      reason: "NodeNotReady",
      message: `Node ${key.name} status is now: NodeNotReady`,
    });
  };

  const podsOf = (name: string): Pod[] => world.pods.list().filter(({ spec }) => spec?.nodeName === name);

  const markPodsNotReady = async (name: string): Promise<void> => {
    for (const pod of podsOf(name)) {
      const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
      if (ready?.status !== "True") {
        continue;
      }
      const conditions = (pod.status?.conditions ?? []).map((condition) =>
        condition.type === "Ready"
          ? { ...condition, status: "False", reason: "NodeNotReady", lastTransitionTime: stamp() }
          : condition,
      );
      const body = { status: { conditions } };
      await ignoreGone(client.patch(resources.pods, keyOf(pod), { type: "merge", body, subresource: "status" }));
      events.record(pod, { type: "Warning", reason: "NodeNotReady", message: "Node is not ready" });
    }
  };

  /** @param force nobody is left who would end them in good order */
  const endPods = async (name: string, force: boolean, lostMs: number): Promise<void> => {
    for (const pod of podsOf(name)) {
      if (!force && (pod.metadata?.deletionTimestamp !== undefined || lostMs < toleratedMs(pod))) {
        continue;
      }
      const uid = pod.metadata?.uid;
      await ignoreGone(
        client.delete(resources.pods, keyOf(pod), {
          ...(force && { gracePeriodSeconds: 0 }),
          ...(uid !== undefined && { preconditions: { uid } }),
        }),
      );
      const message = force
        ? `Node ${name} is gone`
        : `Marking for deletion Pod ${pod.metadata?.namespace}/${pod.metadata?.name}`;
      events.record(pod, { type: "Normal", reason: "TaintManagerEviction", message });
    }
  };

  const queue = createWorkQueue({ name: "nodes", reconcile, log, concurrency: 1 });
  world.nodes.onChange((node, before) => queue.add((node ?? before)?.metadata?.name ?? ""));
  const timer = setInterval(() => {
    const named = world.pods.list().flatMap(({ spec }) => spec?.nodeName || []);
    for (const name of new Set([...world.nodes.list().map(({ metadata }) => metadata?.name ?? ""), ...named])) {
      queue.add(name);
    }
  }, times.checkMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await queue.close();
    },
  };
}

/**
 * How long a pod stays on a node that cannot be reached (Kubernetes "Taint based Evictions"): as long as it tolerates
 * `node.kubernetes.io/unreachable:NoExecute`, 5 min for pods that the API server admitted. Pure.
 */
export function toleratedMs(pod: Pod): number {
  const times = (pod.spec?.tolerations ?? [])
    .filter(
      ({ key, operator, effect }) =>
        (effect ?? "NoExecute") === "NoExecute" &&
        (key === "node.kubernetes.io/unreachable" || ((key ?? "") === "" && operator === "Exists")),
    )
    .map(({ tolerationSeconds }) =>
      tolerationSeconds === undefined ? Number.POSITIVE_INFINITY : tolerationSeconds * 1000,
    );
  return times.length === 0 ? 0 : Math.min(...times);
}

const readyCondition = (node: Node) => node.status?.conditions?.find(({ type }) => type === "Ready");
const keyOf = ({ metadata }: Pod) => ({ namespace: metadata?.namespace, name: metadata?.name });
const stamp = (): string => new Date().toISOString().replace(/\.\d{3}Z$/, "Z");

async function ignoreGone(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!isKubeError(error, "notFound", "conflict")) {
      throw error;
    }
  });
}
