/** What every store promises; each implementation runs it. */
import { describe, expect, test } from "vitest";
import type { Store, StoreEvent } from "./store.ts";

const key = (name: string, namespace = "web") => ({ resource: "/pods", namespace, name });
const pod = (name: string, labels = {}) => ({ apiVersion: "v1", kind: "Pod", metadata: { name, labels } });
const names = (store: Store, options = {}) => store.list("/pods", options).map(({ name }) => name);

export function storeSuite(kind: string, open: () => Store): void {
  describe(`a ${kind} store`, () => {
    const withStore = (title: string, run: (store: Store) => void): void => {
      test(title, () => {
        const store = open();
        try {
          run(store);
        } finally {
          store.close();
        }
      });
    };

    withStore("stamps each write with the next revision and gives what it keeps", (store) => {
      const first = store.create(key("a"), pod("a"));
      const second = store.update(key("a"), pod("a", { x: "1" }));
      expect(second.revision).toBe(first.revision + 1);
      expect(second.object.metadata?.resourceVersion).toBe(String(second.revision));
      expect(JSON.parse(second.json)).toEqual(second.object);
      expect(store.get(key("a"))).toBe(second);
      expect(store.revision).toBe(second.revision);
    });

    withStore("refuses what does not fit the state, and changes nothing then", (store) => {
      const stored = store.create(key("a"), pod("a"));
      expect(() => store.create(key("a"), pod("a"))).toThrow(expect.objectContaining({ code: "exists" }));
      expect(() => store.update(key("b"), pod("b"))).toThrow(expect.objectContaining({ code: "missing" }));
      expect(() => store.delete(key("b"))).toThrow(expect.objectContaining({ code: "missing" }));
      expect(() => store.update(key("a"), pod("a"), stored.revision - 1)).toThrow(
        expect.objectContaining({ code: "stale" }),
      );
      expect(store.revision).toBe(stored.revision);
    });

    withStore("lists by namespace and name, one namespace or all", (store) => {
      for (const [name, namespace] of [
        ["b", "web"],
        ["a", "web"],
        ["c", "api"],
      ] as const) {
        store.create(key(name, namespace), pod(name));
      }
      expect(names(store)).toEqual(["c", "a", "b"]);
      expect(names(store, { namespace: "web" })).toEqual(["a", "b"]);
      expect(store.list("/nodes")).toEqual([]);
    });

    withStore("shows the state of an older revision: before changes, deletions and creations", (store) => {
      store.create(key("kept"), pod("kept"));
      const { revision } = store.create(key("gone"), pod("gone"));
      store.update(key("kept"), pod("kept", { x: "1" }));
      store.delete(key("gone"));
      store.create(key("new"), pod("new"));
      expect(names(store)).toEqual(["kept", "new"]);
      const then = store.list("/pods", { at: revision });
      expect(then.map(({ name }) => name)).toEqual(["gone", "kept"]);
      expect(then[1]?.object.metadata?.labels).toEqual({});
    });

    withStore("tells watchers of one resource and of all, in order, with what was before", (store) => {
      const seen: StoreEvent[] = [];
      const all: string[] = [];
      const stop = store.subscribe("/pods", (event) => seen.push(event));
      store.subscribeAll(({ type, current }) => all.push(`${type} ${current.resource}`));
      const created = store.create(key("a"), pod("a"));
      store.create({ resource: "/nodes", namespace: "", name: "n" }, { metadata: { name: "n" } });
      const deleted = store.delete(key("a"));
      stop();
      store.create(key("a"), pod("a"));
      expect(seen.map(({ type }) => type)).toEqual(["ADDED", "DELETED"]);
      expect(seen[1]?.previous).toBe(created);
      expect(seen[1]?.revision).toBe(deleted.revision);
      expect(all).toEqual(["ADDED /pods", "ADDED /nodes", "DELETED /pods", "ADDED /pods"]);
    });

    withStore("resumes from any revision of its window and says when it is too late or too early", (store) => {
      const start = store.revision;
      const revisions = Array.from({ length: 40 }, (_, i) => store.create(key(`p${i}`), pod(`p${i}`)).revision);
      expect(store.eventsSince("/pods", revisions[36] ?? 0).map(({ current }) => current.name)).toEqual([
        "p37",
        "p38",
        "p39",
      ]);
      expect(store.eventsSince("/nodes", revisions[36] ?? 0)).toEqual([]);
      expect(() => store.eventsSince("/pods", start)).toThrow(expect.objectContaining({ code: "compacted" }));
      expect(() => store.list("/pods", { at: start })).toThrow(expect.objectContaining({ code: "compacted" }));
      expect(() => store.eventsSince("/pods", store.revision + 1)).toThrow(expect.objectContaining({ code: "future" }));
    });
  });
}
