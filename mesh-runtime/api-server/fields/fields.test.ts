import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Structural } from "../../api/schema/structural.ts";
import { Conflict } from "./conflict.ts";
import { difference, equalSets, fromFieldsV1, isEmpty, pathsOf, pathText, toFieldsV1, union } from "./field-set.ts";
import { decodeManagers, encodeManagers, type Managers } from "./managers.ts";
import { fieldsOf } from "./own.ts";
import { applyFields, discardedBy, trackUpdate } from "./track.ts";

const text: Structural = { type: "string" };
const schema: Structural = {
  type: "object",
  properties: {
    map: { type: "object", additionalProperties: text },
    whole: { type: "object", additionalProperties: text, "x-kubernetes-map-type": "atomic" },
    list: { type: "array", items: text, "x-kubernetes-list-type": "atomic" },
    set: { type: "array", items: text, "x-kubernetes-list-type": "set" },
    keyed: {
      type: "array",
      items: { type: "object", properties: { key: text, proto: { ...text, default: "TCP" }, value: text } },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["key", "proto"],
    },
    one: text,
    nested: { type: "object", properties: { a: text, b: text } },
  },
};

const words = fc.constantFrom("a", "b", "c", "d");
const values = fc.constantFrom("1", "2", "3");
/** Without empty maps and lists: over one with content they say nothing, as in Kubernetes. */
const object = fc.record(
  {
    map: fc.dictionary(words, values, { minKeys: 1, maxKeys: 4 }),
    whole: fc.dictionary(words, values, { minKeys: 1, maxKeys: 3 }),
    list: fc.array(values, { minLength: 1, maxLength: 3 }),
    set: fc.uniqueArray(words, { minLength: 1, maxLength: 4 }),
    keyed: fc
      .uniqueArray(words, { minLength: 1, maxLength: 4 })
      .chain((keys) => fc.tuple(...keys.map((key) => values.map((value) => ({ key, value }))))),
    one: values,
    nested: fc.record({ a: values, b: values }, { requiredKeys: ["a"] }),
  },
  { requiredKeys: [] },
);

const writer = (manager: string) => ({
  manager,
  apiVersion: "v1",
  subresource: undefined,
  time: "2026-01-01T00:00:00Z",
});
const none = discardedBy();

interface State {
  object: unknown;
  managers: Managers;
}

function apply(state: State, manager: string, config: unknown, force = true): State {
  const applied = applyFields(schema, state.object, config, state.managers, writer(manager), {
    force,
    discarded: none,
  });
  return { object: applied.object === undefined ? state.object : applied.object, managers: applied.managers };
}

const empty: State = { object: {}, managers: new Map() };

/** The object with nothing where apply leaves null. */
const settled = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? {}, (_key, item: unknown) => (item === null ? undefined : item)));

describe("field sets", () => {
  test("fieldsV1 survives a round trip", () => {
    fc.assert(
      fc.property(object, (value) => {
        const set = fieldsOf(schema, value);
        return equalSets(fromFieldsV1(JSON.parse(JSON.stringify(toFieldsV1(set)))), set);
      }),
    );
  });

  test("difference and union are each other's inverse", () => {
    fc.assert(
      fc.property(object, object, (a, b) => {
        const [left, right] = [fieldsOf(schema, a), fieldsOf(schema, b)];
        return equalSets(union(difference(left, right), right), union(left, right)) && isEmpty(difference(left, left));
      }),
    );
  });

  test("paths read as Kubernetes prints them", () => {
    const set = fieldsOf(schema, { map: { a: "1" }, set: ["x"], keyed: [{ key: "k", value: "v" }] });
    expect([...pathsOf(set)].map(pathText)).toEqual([
      '.keyed[key="k",proto="TCP"]',
      '.keyed[key="k",proto="TCP"].key',
      '.keyed[key="k",proto="TCP"].value',
      ".map.a",
      '.set[="x"]',
    ]);
  });

  test.each([[[]], ["x"], [{ x: {} }], [{ "k:{": {} }], [{ "i:x": {} }], [{ "f:a": 1 }]])(
    "refuses %j as fieldsV1",
    (value) => {
      expect(() => fromFieldsV1(value)).toThrow();
    },
  );
});

describe("server-side apply", () => {
  test("the applied configuration is there afterwards, and applying it again changes nothing", () => {
    fc.assert(
      fc.property(object, object, (before, config) => {
        const once = apply(apply(empty, "one", before), "two", config);
        const again = applyFields(schema, once.object, config, once.managers, writer("two"), {
          force: false,
          discarded: none,
        });
        expect(isEmpty(difference(fieldsOf(schema, config), fieldsOf(schema, once.object)))).toBe(true);
        expect(again.object).toBeUndefined();
      }),
    );
  });

  test("a manager that applies nothing any more leaves nothing of its own behind", () => {
    fc.assert(
      fc.property(object, (config) => {
        const after = apply(apply(empty, "one", config), "one", {});
        expect(settled(after.object)).toEqual({});
        expect(encodeManagers(after.managers)).toBeUndefined();
      }),
    );
  });

  test("what another manager owns stays when the first one leaves", () => {
    fc.assert(
      fc.property(object, object, (mine, theirs) => {
        const both = apply(apply(empty, "mine", mine), "theirs", theirs);
        const after = apply(both, "mine", {});
        expect(isEmpty(difference(fieldsOf(schema, theirs), fieldsOf(schema, after.object)))).toBe(true);
      }),
    );
  });

  test("without force somebody else's value is a conflict, and the same value is shared", () => {
    const one = apply(empty, "one", { map: { a: "1" }, one: "1" });
    expect(() => apply(one, "two", { map: { a: "2" }, one: "2" }, false)).toThrow(Conflict);
    try {
      apply(one, "two", { map: { a: "2" }, one: "2" }, false);
    } catch (error) {
      expect((error as Conflict).message).toBe(
        'Apply failed with 2 conflicts: conflicts with "one":\n- .map.a\n- .one',
      );
    }
    const shared = apply(one, "two", { map: { a: "1" } }, false);
    expect(settled(apply(shared, "one", {}, false).object)).toEqual({ map: { a: "1" } });
  });

  test("an update takes what it changes from everybody and nothing else", () => {
    const one = apply(empty, "one", { map: { a: "1", b: "1" }, one: "1" });
    const managers = trackUpdate(schema, one.object, { map: { a: "2", b: "1" } }, one.managers, writer("editor"));
    expect(encodeManagers(managers)?.map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1])).toEqual(
      [
        ["one", "Apply", { "f:map": { "f:b": {} } }],
        ["editor", "Update", { "f:map": { "f:a": {} } }],
      ],
    );
  });

  test("more than ten updaters are folded into one", () => {
    let managers: Managers = new Map();
    let before: Record<string, unknown> = {};
    for (let i = 0; i < 15; i++) {
      const after = { map: { ...(before["map"] as object), [`k${i}`]: "1" } };
      managers = trackUpdate(schema, before, after, managers, {
        ...writer(`m${i}`),
        time: `2026-01-01T00:00:${10 + i}Z`,
      });
      before = after;
    }
    expect([...managers.values()].length).toBeLessThanOrEqual(11);
    expect([...managers.values()].map(({ manager }) => manager)).toContain("ancient-changes");
  });

  test("managers that are not understood are not half understood", () => {
    expect(
      decodeManagers([
        { manager: "x", operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { z: {} } },
      ]),
    ).toBeUndefined();
    expect(decodeManagers([{}])).toBeUndefined();
    expect(decodeManagers(undefined)?.size).toBe(0);
  });
});
