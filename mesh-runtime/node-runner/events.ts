import { createHash } from "node:crypto";
import type { Event } from "../api/event.ts";
import type { Pod } from "../api/pod.ts";
import type { KubeClient } from "../kube-client/client.ts";
import { isKubeError } from "../kube-client/error.ts";
import { eventResource } from "./resources.ts";
import { timestamp } from "./timestamp.ts";

export type PodEvent = (
  pod: Pod,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
  fieldPath?: string,
) => void;

/**
 * Writes Events about pods. The same thing happening again raises the count of its Event instead of making another.
 * Best effort: an Event that cannot be written is dropped, never waited for.
 */
export function createPodEvents(client: KubeClient, node: string): PodEvent {
  /** One chain for all, so that a second event finds the first one written. */
  let tail: Promise<void> = Promise.resolve();
  let queued = 0;
  const queuedMax = 500;
  return (pod, type, reason, message, fieldPath) => {
    if (queued >= queuedMax) {
      return;
    }
    queued += 1;
    tail = tail
      .then(() => write(client, node, pod, type, reason, message.slice(0, 1_024), fieldPath))
      .catch(() => undefined)
      .finally(() => {
        queued -= 1;
      });
  };
}

async function write(
  client: KubeClient,
  node: string,
  pod: Pod,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
  fieldPath: string | undefined,
): Promise<void> {
  const { name: podName = "", namespace = "", uid = "" } = pod.metadata ?? {};
  const same = createHash("sha256").update(`${uid}\0${node}\0${reason}\0${message}\0${fieldPath}`).digest("hex");
  const name = `${podName}.${same.slice(0, 16)}`;
  const now = timestamp(new Date());
  const event: Event = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace },
    involvedObject: { apiVersion: "v1", kind: "Pod", name: podName, namespace, uid, ...(fieldPath && { fieldPath }) },
    type,
    reason,
    message,
    source: { component: "kubelet", host: node },
    reportingComponent: "kubelet",
    reportingInstance: node,
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
  try {
    await client.create(eventResource, event);
  } catch (error) {
    if (!isKubeError(error, "alreadyExists")) {
      throw error;
    }
    const old = await client.get(eventResource, { namespace, name });
    const body = { count: (old.count ?? 1) + 1, lastTimestamp: now };
    await client.patch(eventResource, { namespace, name }, { type: "merge", body });
  }
}
