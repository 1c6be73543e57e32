import { setTimeout as pause } from "node:timers/promises";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { Log } from "@/server/log.ts";
import type { ClusterConnection } from "./connection.ts";
import { ClusterError, isClusterError } from "./errors.ts";
import { resourcePath, type WatchedKind, watchedKinds } from "./kinds.ts";

const pageSize = 500;
const backoffMs = { min: 200, max: 10_000 };
const watchSeconds = 300;
/** A kind that the cluster does not have is asked for again: it may be installed. */
const absentAgainMs = 30_000;

interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObject & { readonly code?: number; readonly message?: string };
}

export interface Informer<T extends KubeObject> {
  readonly objects: ReadonlyMap<string, T>;
  /** The first list is in. */
  readonly synced: Promise<void>;
  /** The list is in and the watch stands. */
  readonly connected: boolean;
  close(): void;
}

/** 404 for a list: the kind is not served; 403: it is none of the portal's business here. */
const isAbsent = (kind: WatchedKind, error: unknown): boolean =>
  watchedKinds[kind].optional === true &&
  isClusterError(error) &&
  (error.code === "not-found" || error.code === "not-permitted");

/** Key of an object in an informer. */
export const objectKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/**
 * Keeps a copy of all objects of a kind: list, then watch from there; a watch that ends or breaks is opened again with
 * back-off, and after 410 Gone the list is read anew. `onChange` is called after every difference. An optional kind that
 * the cluster does not have counts as an empty list.
 */
export function startInformer<T extends KubeObject>(
  connection: Pick<ClusterConnection, "request" | "watch">,
  kind: WatchedKind,
  onChange: () => void,
  log: Log,
): Informer<T> {
  const abort = new AbortController();
  const first = Promise.withResolvers<void>();
  let objects = new Map<string, T>();
  let connected = false;

  const list = async (): Promise<string> => {
    const fresh = new Map<string, T>();
    let version = "";
    for (let next = ""; ; ) {
      const query = `?limit=${pageSize}${next === "" ? "" : `&continue=${encodeURIComponent(next)}`}`;
      const { body } = await connection.request({
        method: "GET",
        path: resourcePath(kind, watchedKinds[kind].within ?? "") + query,
      });
      const page = body as { metadata?: { resourceVersion?: string; continue?: string }; items?: T[] };
      for (const object of page.items ?? []) {
        fresh.set(objectKey(object.metadata?.namespace ?? "", object.metadata?.name ?? ""), object);
      }
      version = page.metadata?.resourceVersion ?? "";
      next = page.metadata?.continue ?? "";
      if (next === "") {
        break;
      }
    }
    objects = fresh;
    onChange();
    return version;
  };

  const watch = async (from: string): Promise<string> => {
    let version = from;
    const query = `?watch=true&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}&resourceVersion=${version}`;
    for await (const value of connection.watch(
      resourcePath(kind, watchedKinds[kind].within ?? "") + query,
      abort.signal,
    )) {
      const { type, object } = value as WatchEvent;
      if (type === "ERROR") {
        throw new ClusterError(
          object.code === 410 ? "not-found" : "server-error",
          object.code ?? 0,
          String(object.message),
        );
      }
      version = object.metadata?.resourceVersion ?? version;
      const key = objectKey(object.metadata?.namespace ?? "", object.metadata?.name ?? "");
      if (type === "DELETED") {
        objects.delete(key);
        onChange();
      } else if (type !== "BOOKMARK") {
        objects.set(key, object as T);
        onChange();
      }
    }
    return version;
  };

  const run = async (): Promise<void> => {
    let delayMs = backoffMs.min;
    let version: string | undefined;
    while (!abort.signal.aborted) {
      try {
        version ??= await list();
        first.resolve();
        connected = true;
        delayMs = backoffMs.min;
        version = await watch(version);
      } catch (error) {
        connected = false;
        if (abort.signal.aborted) {
          return;
        }
        if (isClusterError(error) && error.code !== "unreachable") {
          version = undefined;
        }
        if (version === undefined && isAbsent(kind, error)) {
          if (objects.size > 0) {
            objects = new Map();
            onChange();
          }
          first.resolve();
          connected = true;
          await pause(absentAgainMs, undefined, { signal: abort.signal }).catch(() => undefined);
          continue;
        }
        log.warn("watch ended, opening it again", { kind, delayMs, error: String(error) });
        await new Promise((resolve) => setTimeout(resolve, delayMs * (0.75 + Math.random() / 2)));
        delayMs = Math.min(delayMs * 2, backoffMs.max);
      }
    }
  };
  void run();
  return {
    get objects() {
      return objects;
    },
    synced: first.promise,
    get connected() {
      return connected;
    },
    close: () => abort.abort(),
  };
}
