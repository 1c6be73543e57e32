import { setTimeout as delay } from "node:timers/promises";
import type { KubeObject } from "../../api/meta.ts";
import { createBackoff } from "../../common/backoff.ts";
import type { Log } from "../../common/log.ts";
import type { KubeClient } from "../../kube-client/client.ts";
import { isKubeError } from "../../kube-client/error.ts";
import type { ResourceRef } from "../../kube-client/resource.ts";
import { type ResourceName, resources } from "../world/resources.ts";
import { stable } from "./merge-status.ts";

/** Field manager of every status that is written here, Istio's name for it. */
const fieldManager = "istiod";

/** Writes under way at once. */
const concurrencyMax = 16;

export interface StatusWriter {
  /** Writes soon. A newer status for the same object replaces one that waits; an equal one is not written again. */
  write(resource: ResourceName, key: string, status: object): void;
  stop(): void;
}

interface Entry {
  readonly resource: ResourceName;
  readonly key: string;
  wanted: { status: object; text: string } | undefined;
  busy: boolean;
  /** What was written last and the version it gave, until the watch has caught up. */
  lastText: string | undefined;
}

export interface StatusWriterOptions {
  readonly client: KubeClient;
  readonly log: Log;
  /** After a write came through: look again whether more is to be written. */
  readonly onSettled: () => void;
}

/** One writer for all statuses: one write per object at a time, tried again until it succeeds or is overtaken. */
export function createStatusWriter({ client, log, onSettled }: StatusWriterOptions): StatusWriter {
  const entries = new Map<string, Entry>();
  const stopping = new AbortController();
  let running = 0;

  const pump = (): void => {
    for (const [id, entry] of entries) {
      if (running >= concurrencyMax) {
        return;
      }
      if (entry.busy || entry.wanted === undefined) {
        continue;
      }
      entry.busy = true;
      running += 1;
      work(entry)
        .catch((error: unknown) =>
          log.error("status not written", { resource: entry.resource, object: entry.key, error: String(error) }),
        )
        .finally(() => {
          running -= 1;
          entry.busy = false;
          if (entry.wanted === undefined) {
            entries.delete(id);
          }
          if (!stopping.signal.aborted) {
            pump();
            onSettled();
          }
        });
    }
  };

  const work = async (entry: Entry): Promise<void> => {
    const backoff = createBackoff({ initialMs: 50, maxMs: 5_000 });
    while (entry.wanted !== undefined && !stopping.signal.aborted) {
      const { status, text } = entry.wanted;
      try {
        await apply(entry, status);
        entry.lastText = text;
        if (entry.wanted.text === text) {
          entry.wanted = undefined;
        }
        // Until the watch brings our own write back, an equal status is not news.
        await delay(20, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (entry.wanted?.text === text) {
          entry.wanted = undefined;
        }
      } catch (error) {
        if (isKubeError(error, "notFound", "closed")) {
          entry.wanted = undefined;
        } else if (isKubeError(error, "invalid")) {
          log.error("status refused", { resource: entry.resource, object: entry.key, error: error.message });
          entry.wanted = undefined;
        } else {
          log.warn("status not written yet", { resource: entry.resource, object: entry.key, error: String(error) });
          await delay(backoff.next(), undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
        }
      }
    }
  };

  const apply = async ({ resource, key }: Entry, status: object): Promise<void> => {
    const slash = key.indexOf("/");
    const at = slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
    await client.patch(
      resources[resource] as ResourceRef<KubeObject>,
      at,
      { type: "apply", body: { status: withoutEmptyConditions(status) }, subresource: "status", force: true },
      { fieldManager, signal: stopping.signal },
    );
  };

  return {
    write(resource, key, status) {
      const id = `${resource}/${key}`;
      const text = stable(status);
      const entry = entries.get(id) ?? { resource, key, wanted: undefined, busy: false, lastText: undefined };
      if (entry.busy && entry.wanted === undefined && entry.lastText === text) {
        return;
      }
      entry.wanted = { status, text };
      entries.set(id, entry);
      pump();
    },
    stop: () => stopping.abort(),
  };
}

/** Conditions that one manager no longer applies go away when the field is left out; an empty list would keep them. */
function withoutEmptyConditions(status: object): object {
  const { conditions, ...rest } = status as { readonly conditions?: unknown };
  return Array.isArray(conditions) && conditions.length > 0 ? status : rest;
}
