import type { KubeObject } from "../api/meta.ts";
import { createBackoff } from "./backoff.ts";
import type { KubeClient, ListOptions } from "./client.ts";
import { isKubeError } from "./error.ts";
import { keyOf, type ObjectKey, type ResourceRef } from "./resource.ts";

export interface InformerOptions<T extends KubeObject> extends Omit<ListOptions, "signal"> {
  readonly kind: ResourceRef<T>;
  readonly onAdd?: (object: T) => void;
  readonly onUpdate?: (object: T, previous: T) => void;
  readonly onDelete?: (object: T) => void;
  /** Once, when the first list is in the store. */
  readonly onSynced?: () => void;
  /** Lost connection, refused list, or an exception of a handler; the informer goes on by itself. */
  readonly onProblem?: (error: unknown) => void;
}

/** A local copy of a collection that follows the server. */
export interface Informer<T extends KubeObject> {
  readonly store: {
    get(key: ObjectKey): T | undefined;
    list(): readonly T[];
    readonly size: number;
  };
  /** Resolves with the first complete list; also resolves when closed before, never rejects. */
  readonly synced: Promise<void>;
  close(): void;
}

/** The server ends a watch after about this long, so that a connection that died in silence is noticed. */
const watchSeconds = { min: 240, spread: 120 };

/**
 * Lists, then watches from there, for ever: resumes where it was after a lost connection, lists again when the
 * server has forgotten that version (410), backs off with jitter while the server is away.
 * Handlers run one after the other in the order of the events.
 */
export function startInformer<T extends KubeObject>(client: KubeClient, options: InformerOptions<T>): Informer<T> {
  const objects = new Map<string, T>();
  const stop = new AbortController();
  const backoff = createBackoff();
  let resourceVersion: string | undefined;
  let isSynced = false;
  let reportSynced: () => void = () => undefined;
  const synced = new Promise<void>((resolve) => {
    reportSynced = resolve;
  });

  const guarded = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      problem(error);
    }
  };
  const problem = (error: unknown): void => {
    try {
      options.onProblem?.(error);
    } catch {
      // A reporter that fails must not stop the informer.
    }
  };
  const put = (object: T): void => {
    const key = keyOf(metaOf(object));
    const previous = objects.get(key);
    if (previous !== undefined && metaOf(previous).resourceVersion === metaOf(object).resourceVersion) {
      return;
    }
    if (previous !== undefined && metaOf(previous).uid !== metaOf(object).uid) {
      remove(previous);
      objects.set(key, object);
      guarded(() => options.onAdd?.(object));
      return;
    }
    objects.set(key, object);
    guarded(() => (previous === undefined ? options.onAdd?.(object) : options.onUpdate?.(object, previous)));
  };
  const remove = (object: T): void => {
    if (objects.delete(keyOf(metaOf(object)))) {
      guarded(() => options.onDelete?.(object));
    }
  };

  const list = async (): Promise<void> => {
    const answer = await client.list(options.kind, { ...scopeOf(options), signal: stop.signal });
    const present = new Set(answer.items.map((item) => keyOf(metaOf(item))));
    for (const [key, object] of objects) {
      if (!present.has(key)) {
        remove(object);
      }
    }
    for (const item of answer.items) {
      put(item);
    }
    resourceVersion = answer.resourceVersion;
    if (!isSynced) {
      isSynced = true;
      guarded(() => options.onSynced?.());
      reportSynced();
    }
  };
  const watch = async (): Promise<void> => {
    const timeoutSeconds = watchSeconds.min + Math.floor(Math.random() * watchSeconds.spread);
    const events = client.watch(options.kind, {
      ...scopeOf(options),
      resourceVersion,
      timeoutSeconds,
      signal: stop.signal,
    });
    for await (const event of events) {
      backoff.reset();
      if (event.type === "DELETED") {
        remove(event.object);
      } else if (event.type !== "BOOKMARK") {
        put(event.object);
      }
      resourceVersion = metaOf(event.object).resourceVersion ?? resourceVersion;
    }
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        if (resourceVersion === undefined) {
          await list();
        }
        await watch();
        // Ended by the server in good order; the pause is short unless it ends every watch at once.
        await backoff.wait(stop.signal);
      } catch (error) {
        if (stop.signal.aborted) {
          break;
        }
        if (isKubeError(error, "expired")) {
          resourceVersion = undefined;
          continue;
        }
        problem(error);
        await backoff.wait(stop.signal);
      }
    }
    reportSynced();
  };
  void run();

  return {
    store: {
      get: (key) => objects.get(keyOf(key)),
      list: () => [...objects.values()],
      get size() {
        return objects.size;
      },
    },
    synced,
    close: () => stop.abort(),
  };
}

const metaOf = (object: KubeObject) => object.metadata ?? {};

const scopeOf = ({ namespace, labelSelector, fieldSelector }: ListOptions) => ({
  namespace,
  labelSelector,
  fieldSelector,
});
