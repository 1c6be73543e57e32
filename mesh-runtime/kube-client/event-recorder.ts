import { createHash } from "node:crypto";
import type { Event } from "../api/event.ts";
import type { KubeObject } from "../api/meta.ts";
import type { KubeClient } from "./client.ts";
import { isKubeError } from "./error.ts";
import type { ResourceRef } from "./resource.ts";

/** What happened to an object, for people (`kubectl describe`, `kubectl get events`). */
export interface EventFacts {
  readonly type: "Normal" | "Warning";
  /** One CamelCase word. */
  readonly reason: string;
  readonly message: string;
  /** Part of the object, such as `spec.containers{app}`. */
  readonly fieldPath?: string | undefined;
}

/** Writes Events in the background. */
export interface EventRecorder {
  /** Best effort: an Event that cannot be written is dropped, and nobody waits for it. */
  record(about: KubeObject, facts: EventFacts): void;
}

const eventResource: ResourceRef<Event> = {
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  namespaced: true,
};
const queuedMax = 500;
const rememberedMax = 2_000;
const messageMax = 1_024;

/**
 * The same thing happening again raises the count of its Event instead of making another, as client-go's recorder does.
 * @param source component, such as `kubelet`, and for node components the node
 */
export function createEventRecorder(
  client: Pick<KubeClient, "create" | "patch">,
  source: { readonly component: string; readonly host?: string },
): EventRecorder {
  const counts = new Map<string, number>();
  // One after the other, so that a repetition finds the first written.
  let tail: Promise<void> = Promise.resolve();
  let queued = 0;

  const write = async (about: KubeObject, { type, reason, fieldPath, ...facts }: EventFacts): Promise<void> => {
    const { name: objectName = "", uid = "" } = about.metadata ?? {};
    const namespace = about.metadata?.namespace ?? "default";
    const message = facts.message.slice(0, messageMax);
    const hash = createHash("sha256").update(JSON.stringify([uid, source, type, reason, message, fieldPath]));
    const name = `${objectName.slice(0, 200)}.${hash.digest("hex").slice(0, 16)}`;
    const key = `${namespace}/${name}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.delete(key);
    counts.set(key, count);
    const oldest = counts.size > rememberedMax ? counts.keys().next().value : undefined;
    if (oldest !== undefined) {
      counts.delete(oldest);
    }
    const now = new Date().toISOString().replace(/\.\d{3}Z$/, "Z");
    const again = async (): Promise<void> => {
      await client.patch(eventResource, { namespace, name }, { type: "merge", body: { count, lastTimestamp: now } });
    };
    if (count > 1) {
      const written = await again().then(
        () => true,
        (error: unknown) => {
          if (isKubeError(error, "notFound")) {
            return false;
          }
          throw error;
        },
      );
      if (written) {
        return;
      }
    }
    const { apiVersion, kind, metadata } = about;
    const event: Event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace },
      involvedObject: {
        ...(apiVersion !== undefined && { apiVersion }),
        ...(kind !== undefined && { kind }),
        name: objectName,
        ...(metadata?.namespace !== undefined && { namespace: metadata.namespace }),
        uid,
        ...(fieldPath !== undefined && { fieldPath }),
      },
      type,
      reason,
      message,
      source,
      reportingComponent: source.component,
      reportingInstance: source.host ?? source.component,
      firstTimestamp: now,
      lastTimestamp: now,
      count,
    };
    await client.create(eventResource, event).catch(async (error: unknown) => {
      if (!isKubeError(error, "alreadyExists")) {
        throw error;
      }
      await again();
    });
  };

  return {
    record(about, facts) {
      if (queued >= queuedMax) {
        return;
      }
      queued += 1;
      tail = tail
        .then(() => write(about, facts))
        .catch(() => undefined)
        .finally(() => {
          queued -= 1;
        });
    },
  };
}
