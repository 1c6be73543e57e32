import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../common/log.ts";
import type { KubeClient } from "../kube-client/client.ts";
import { isKubeError } from "../kube-client/error.ts";
import type { Pod, PodStatus } from "./pod-types.ts";
import { podResource } from "./resources.ts";

/** Writes one pod's status: the latest, one write at a time, nothing when nothing changed. */
export interface StatusWriter {
  /** Something may have changed. */
  touch(): void;
  /** The pod as the API has it now: when somebody else changed its readiness, it is said again. */
  observe(status: PodStatus | undefined): void;
  /** Resolves when the latest status was written, or given up because the pod is gone. */
  flush(): Promise<void>;
  close(): void;
}

export interface StatusWriterOptions {
  readonly client: Pick<KubeClient, "patch">;
  readonly log: Log;
  readonly pod: () => Pod;
  /** The status to write, on top of the one that the API has. */
  readonly compute: (previous: PodStatus | undefined) => PodStatus;
}

const retry = { firstMs: 100, lastMs: 5_000 };

export function createStatusWriter({ client, log, pod, compute }: StatusWriterOptions): StatusWriter {
  const closed = new AbortController();
  let dirty = false;
  let working: Promise<void> | undefined;
  let previous = pod().status;
  let written = "";
  /** What the API had while a write was under way: it may be from before it or from after it. */
  let seen: { readonly status: PodStatus | undefined } | undefined;

  const work = async (): Promise<void> => {
    let pauseMs = retry.firstMs;
    // One turn of the loop, so that changes that come together are one write.
    await sleep(0);
    while (dirty && !closed.signal.aborted) {
      dirty = false;
      const status = compute(previous);
      const text = JSON.stringify(status);
      if (text === written) {
        continue;
      }
      const { name, namespace, uid } = pod().metadata ?? {};
      try {
        // The uid makes sure that a later pod of the same name never gets this status.
        await client.patch(
          podResource,
          { namespace, name },
          { type: "merge", body: { metadata: { uid }, status: withRemovals(status) }, subresource: "status" },
        );
        previous = status;
        written = text;
        pauseMs = retry.firstMs;
      } catch (error) {
        if (isKubeError(error, "notFound", "conflict", "closed")) {
          return;
        }
        log.warn("pod status not written, will try again", { pod: `${namespace}/${name}`, error: String(error) });
        dirty = true;
        await sleep(pauseMs, undefined, { signal: closed.signal, ref: false }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, retry.lastMs);
      }
    }
  };
  const touch = (): void => {
    dirty = true;
    working ??= work().finally(() => {
      working = undefined;
      if (dirty && !closed.signal.aborted) {
        touch();
      } else if (seen !== undefined) {
        observe(seen.status);
      }
    });
  };
  const observe = (status: PodStatus | undefined): void => {
    if (working !== undefined) {
      seen = { status };
      return;
    }
    seen = undefined;
    // Said once too often when it was from before our write: the next news shows ours and ends it.
    if (written !== "" && readiness(status) !== readiness(previous)) {
      previous = status;
      written = "";
      touch();
    }
  };
  return {
    touch,
    observe,
    async flush() {
      await working;
    },
    close: () => closed.abort(),
  };
}

/** What the node controller changes when it has not heard of the node (and heartbeats that come back do not restore). */
const readiness = (status: PodStatus | undefined): string =>
  JSON.stringify([status?.phase, status?.conditions?.find(({ type }) => type === "Ready")?.status]);

/** A merge patch keeps what it does not name: name what is gone. Lists are replaced whole. */
const withRemovals = (status: PodStatus): object => ({
  podIP: null,
  podIPs: null,
  reason: null,
  message: null,
  ...status,
});
