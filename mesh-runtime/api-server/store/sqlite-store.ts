import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { KubeObject } from "../../api/meta.ts";
import { createHistory } from "./history.ts";
import { byKey, type Store, type StoredObject, StoreError, type StoreEvent, type StoreKey } from "./store.ts";

export interface SqliteStoreOptions {
  /** Path of the database file, or `:memory:`. */
  readonly path: string;
  /** Writes that watches may resume over. */
  readonly historyMax?: number;
  /** How long to wait for another process to let go of the file. */
  readonly waitMs?: number;
}

interface Row {
  resource: string;
  namespace: string;
  name: string;
  revision: number;
  body: string;
}

/** Layout version of the database; a newer one is refused rather than misread. */
const layout = 1;

/**
 * The durable store. SQLite holds every object as JSON (WAL, `synchronous=FULL`: a write that returned is on disk);
 * reads come from memory, which is filled at start.
 */
export function openSqliteStore({ path, historyMax = 4_096, waitMs = 2_000 }: SqliteStoreOptions): Store {
  const db = openExclusively(path, waitMs);
  const found = (db.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
  if (found > layout) {
    db.close();
    throw new Error(`the store ${path} was written by a newer version (layout ${found}, this one knows ${layout})`);
  }
  db.exec(`
    CREATE TABLE IF NOT EXISTS objects (
      resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
      revision INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (resource, namespace, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sequence (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL) STRICT;
    INSERT OR IGNORE INTO sequence (id, revision) VALUES (1, 2);
    PRAGMA user_version = ${layout};
  `);

  const putRow = db.prepare(
    "INSERT OR REPLACE INTO objects (resource, namespace, name, revision, body) VALUES (?, ?, ?, ?, ?)",
  );
  const deleteRow = db.prepare("DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?");
  const setRevision = db.prepare("UPDATE sequence SET revision = ? WHERE id = 1");

  const resources = new Map<string, Map<string, StoredObject>>();
  const tableOf = (resource: string): Map<string, StoredObject> => {
    let table = resources.get(resource);
    if (table === undefined) {
      table = new Map();
      resources.set(resource, table);
    }
    return table;
  };
  for (const row of db.prepare("SELECT resource, namespace, name, revision, body FROM objects").all()) {
    const { body, ...rest } = row as unknown as Row;
    tableOf(rest.resource).set(keyText(rest), { ...rest, json: body, object: JSON.parse(body) as KubeObject });
  }

  let revision = (db.prepare("SELECT revision FROM sequence WHERE id = 1").get() as { revision: number }).revision;
  const history = createHistory(revision, { eventsMax: historyMax });
  const listeners = new Map<string, Set<(event: StoreEvent) => void>>();
  const everywhere = new Set<(event: StoreEvent) => void>();

  const current = (key: StoreKey, expected: number | undefined): StoredObject => {
    const stored = tableOf(key.resource).get(keyText(key));
    if (stored === undefined) {
      throw new StoreError("missing", `${key.resource} ${keyText(key)} does not exist`);
    }
    if (expected !== undefined && stored.revision !== expected) {
      throw new StoreError("stale", `${key.resource} ${keyText(key)} is at revision ${stored.revision}`);
    }
    return stored;
  };
  const write = (
    type: StoreEvent["type"],
    { resource, namespace, name }: StoreKey,
    object: KubeObject,
    previous: StoredObject | undefined,
  ): StoredObject => {
    const next = revision + 1;
    const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: String(next) } };
    const json = JSON.stringify(stamped);
    const stored: StoredObject = { resource, namespace, name, revision: next, object: stamped, json };
    db.exec("BEGIN IMMEDIATE");
    try {
      if (type === "DELETED") {
        deleteRow.run(resource, namespace, name);
      } else {
        putRow.run(resource, namespace, name, next, json);
      }
      setRevision.run(next);
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) {
        db.exec("ROLLBACK");
      }
      throw error;
    }
    revision = next;
    if (type === "DELETED") {
      tableOf(resource).delete(keyText(stored));
    } else {
      tableOf(resource).set(keyText(stored), stored);
    }
    const event: StoreEvent = { type, revision: next, current: stored, previous };
    history.add(event);
    for (const listener of listeners.get(resource) ?? []) {
      listener(event);
    }
    for (const listener of everywhere) {
      listener(event);
    }
    return stored;
  };

  return {
    get revision() {
      return revision;
    },
    get: (key) => resources.get(key.resource)?.get(keyText(key)),
    list(resource, { namespace, at } = {}) {
      let table: Map<string, StoredObject> = tableOf(resource);
      if (at !== undefined) {
        table = new Map(table);
        for (const event of history.since(resource, at, revision).toReversed()) {
          if (event.previous === undefined) {
            table.delete(keyText(event.current));
          } else {
            table.set(keyText(event.current), event.previous);
          }
        }
      }
      const all = [...table.values()];
      return (namespace === undefined ? all : all.filter((stored) => stored.namespace === namespace)).sort(byKey);
    },
    create(key, object) {
      if (tableOf(key.resource).has(keyText(key))) {
        throw new StoreError("exists", `${key.resource} ${keyText(key)} exists`);
      }
      return write("ADDED", key, object, undefined);
    },
    update: (key, object, expected) => write("MODIFIED", key, object, current(key, expected)),
    delete(key, object, expected) {
      const stored = current(key, expected);
      return write("DELETED", key, object ?? stored.object, stored);
    },
    eventsSince: (resource, since) => history.since(resource, since, revision),
    subscribe(resource, listener) {
      const set = listeners.get(resource) ?? new Set();
      listeners.set(resource, set.add(listener));
      return () => set.delete(listener);
    },
    subscribeAll(listener) {
      everywhere.add(listener);
      return () => everywhere.delete(listener);
    },
    close: () => db.close(),
  };
}

/**
 * Opens the file for this process alone: reads come from memory, so a second writer would never be noticed. Waits a
 * moment for a process that is just ending.
 */
function openExclusively(path: string, waitMs: number): DatabaseSync {
  const db = new DatabaseSync(path);
  if (path !== ":memory:") {
    // It holds secrets. What SQLite puts beside it gets the same mode.
    chmodSync(path, 0o600);
  }
  try {
    db.exec(
      `PRAGMA busy_timeout = ${Math.trunc(waitMs)}; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`,
    );
    // The lock is taken with the first write.
    db.exec("BEGIN IMMEDIATE; COMMIT;");
    return db;
  } catch (error) {
    db.close();
    const isTaken = error instanceof Error && error.message.includes("locked");
    throw isTaken ? new StoreError("inUse", `the store ${path} is open in another process`) : error;
  }
}

const keyText = ({ namespace, name }: Omit<StoreKey, "resource">): string => `${namespace}/${name}`;
