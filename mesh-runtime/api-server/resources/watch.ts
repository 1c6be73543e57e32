import type { ServerResponse } from "node:http";
import type { KindDefinition } from "../../api/kind.ts";
import { failure } from "../../api/status.ts";
import { errors } from "../api-error.ts";
import { formOf } from "../http/negotiate.ts";
import type { ObjectRequest } from "../http/request.ts";
import { type StoredObject, StoreError, type StoreEvent } from "../store/store.ts";
import { metadataOnly, tableOf } from "../tables/table.ts";
import { inVersion, jsonOf, type ResourceDeps, resourceOf } from "./deps.ts";
import { isTrue, queryRevision } from "./options.ts";
import { includeOf } from "./read.ts";
import { type Selection, selectionOf } from "./selection.ts";

/** Bytes that may wait for a slow watcher before it is cut off; it can resume from its last event. */
const bufferBytesMax = 4 << 20;
const bookmarkEveryMs = 60_000;
const timeout = { minSeconds: 1_800, maxSeconds: 3_600 };

interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly stored: StoredObject;
}

/**
 * Streams a collection's changes: one JSON object a line. Resolves when the watch has ended: its time is over, the
 * client went or was too slow, or the server stops.
 */
export function watchObjects(
  deps: ResourceDeps,
  request: ObjectRequest,
  response: ServerResponse,
  stopping: AbortSignal,
): Promise<void> {
  const { kind, target, query } = request;
  const { store } = deps;
  const resource = resourceOf(kind);
  const selection = withName(selectionOf(request), target.name);
  const encode = encoder(deps, request);
  const since = queryRevision(query);
  const wantsInitial = query.has("sendInitialEvents") && isTrue(query.get("sendInitialEvents"));
  checkInitial(query, wantsInitial);
  const wantsBookmarks = query.has("allowWatchBookmarks") && isTrue(query.get("allowWatchBookmarks"));
  const inScope = (stored: StoredObject): boolean =>
    target.namespace === undefined || stored.namespace === target.namespace;

  response.writeHead(200, {
    "content-type": "application/json",
    "cache-control": "no-cache, private",
    // Ends with the watch: a stream is no place to reuse.
    connection: "close",
  });
  response.flushHeaders();

  return new Promise((resolve) => {
    let isOver = false;
    const send = (line: string): void => {
      response.write(`${line}\n`);
      if (response.writableLength > bufferBytesMax) {
        deps.log.warn("cut off a watcher that does not keep up", { resource, user: request.user.username });
        end(true);
      }
    };
    const bookmark = (revision: number, isInitialEnd = false): void => {
      send(encode.bookmark(revision, isInitialEnd));
    };
    const unsubscribe = store.subscribe(resource, (event) => {
      const change = inScope(event.current) ? changeOf(event, selection) : undefined;
      if (change !== undefined && !isOver && (since === undefined || event.revision > since)) {
        send(encode.event(change));
      }
    });
    const end = (abrupt = false): void => {
      if (isOver) {
        return;
      }
      isOver = true;
      unsubscribe();
      clearTimeout(over);
      clearInterval(bookmarks);
      stopping.removeEventListener("abort", finish);
      if (abrupt) {
        response.destroy();
      } else {
        response.end();
      }
      resolve();
    };
    const finish = (): void => {
      if (wantsBookmarks && !isOver && (since === undefined || since <= store.revision)) {
        bookmark(store.revision);
      }
      end();
    };
    const over = setTimeout(() => end(), timeoutMs(query));
    const bookmarks = setInterval(() => {
      if (wantsBookmarks && (since === undefined || since <= store.revision)) {
        bookmark(store.revision);
      }
    }, bookmarkEveryMs);
    stopping.addEventListener("abort", finish);
    response.on("close", () => end(true));
    response.on("error", () => end(true));

    const showsState = since === undefined || since === 0 || wantsInitial;
    try {
      if (showsState) {
        for (const stored of store.list(resource, { namespace: target.namespace })) {
          if (selection.matches(stored.object) && !isOver) {
            send(encode.event({ type: "ADDED", stored }));
          }
        }
        if (wantsInitial) {
          bookmark(store.revision, true);
        }
      } else if (since <= store.revision) {
        for (const event of store.eventsSince(resource, since)) {
          const change = inScope(event.current) ? changeOf(event, selection) : undefined;
          if (change !== undefined && !isOver) {
            send(encode.event(change));
          }
        }
      }
    } catch (error) {
      if (error instanceof StoreError && error.code === "compacted") {
        send(JSON.stringify({ type: "ERROR", object: failure(410, "Expired", error.message) }));
      } else {
        deps.log.error("a watch failed to start", { resource, error: String(error) });
        send(JSON.stringify({ type: "ERROR", object: failure(500, "InternalError", "the watch could not start") }));
      }
      end();
    }
  });
}

function withName(selection: Selection, name: string | undefined): Selection {
  return name === undefined
    ? selection
    : { isFiltered: true, matches: (object) => object.metadata?.name === name && selection.matches(object) };
}

/** What an event means to a watcher that sees only what matches: objects come into view and leave it. */
function changeOf({ type, current, previous }: StoreEvent, selection: Selection): Change | undefined {
  const was = previous !== undefined && selection.matches(previous.object);
  const is = type !== "DELETED" && selection.matches(current.object);
  if (is) {
    return { type: was ? "MODIFIED" : "ADDED", stored: current };
  }
  if (!was || previous === undefined) {
    return undefined;
  }
  return { type: "DELETED", stored: type === "DELETED" ? current : atRevision(previous, current.revision) };
}

/** The last state that matched, at the revision at which it stopped matching. */
function atRevision(stored: StoredObject, revision: number): StoredObject {
  const object = {
    ...stored.object,
    metadata: { ...stored.object.metadata, resourceVersion: String(revision) },
  };
  return { ...stored, revision, object, json: JSON.stringify(object) };
}

interface Encoder {
  event(change: Change): string;
  bookmark(revision: number, isInitialEnd: boolean): string;
}

function encoder(deps: ResourceDeps, { kind, target, query, raw }: ObjectRequest): Encoder {
  const form = formOf(raw);
  let withColumns = true;
  return {
    event({ type, stored }) {
      if (form === "object") {
        return `{"type":"${type}","object":${jsonOf(stored, kind, target.version)}}`;
      }
      const object = inVersion(stored.object, kind, target.version);
      if (form === "metadata") {
        return JSON.stringify({ type, object: metadataOnly(object) });
      }
      const table = tableOf(kind, [object], {
        now: deps.now(),
        include: includeOf(query),
        metadata: { resourceVersion: String(stored.revision) },
        withColumns,
      });
      withColumns = false;
      return JSON.stringify({ type, object: table });
    },
    bookmark(revision, isInitialEnd) {
      return JSON.stringify({ type: "BOOKMARK", object: bookmarkOf(kind, target.version, revision, isInitialEnd) });
    },
  };
}

function bookmarkOf(kind: KindDefinition, version: string, revision: number, isInitialEnd: boolean): object {
  return {
    kind: kind.kind,
    apiVersion: kind.group === "" ? version : `${kind.group}/${version}`,
    metadata: {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(isInitialEnd ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}),
    },
  };
}

function checkInitial(query: URLSearchParams, wantsInitial: boolean): void {
  if (wantsInitial && query.get("resourceVersionMatch") !== "NotOlderThan") {
    throw errors.invalidOptions("ListOptions", [
      {
        reason: "FieldValueForbidden",
        field: "resourceVersionMatch",
        message: "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
      },
    ]);
  }
}

function timeoutMs(query: URLSearchParams): number {
  const asked = Number(query.get("timeoutSeconds") ?? "");
  const seconds =
    Number.isInteger(asked) && asked > 0
      ? Math.min(asked, timeout.maxSeconds * 2)
      : timeout.minSeconds + Math.random() * (timeout.maxSeconds - timeout.minSeconds);
  return seconds * 1_000;
}
