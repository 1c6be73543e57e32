import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type AdmissionResult, admit, admitApplied } from "./admission.ts";
import type { KindDefinition } from "./kind.ts";
import type { KubeObject } from "./meta.ts";
import { kinds } from "./registry.ts";
import { checkApplied } from "./schema/applied.ts";
import { decode } from "./schema/decode.ts";
import { copy, equal, isObject, type JsonObject } from "./schema/json.ts";
import { fillDefaults, prune } from "./schema/prune.ts";
import type { Structural } from "./schema/structural.ts";

/** Objects that are right or nearly so, to start from. */
const seeds = new Map<string, JsonObject[]>();
for (const kind of kinds) {
  try {
    const text = readFileSync(new URL(`testdata/corpus/${kind.singular}.yaml`, import.meta.url), "utf8");
    const cases = parse(text) as { object?: JsonObject }[];
    seeds.set(
      kind.kind,
      cases.flatMap((c) => (c.object ? [c.object] : [])).filter((object) => JSON.stringify(object).length < 2000),
    );
  } catch {
    seeds.set(kind.kind, [{ metadata: { name: "x" }, spec: {} }]);
  }
}

const keys = fc.constantFrom("spec", "metadata", "name", "labels", "__proto__", "constructor", "toString", "port", "x");
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false, "", "a", "1", "*", 0, -1, 1.5, 80, 65536, 1e300),
    fc.string({ maxLength: 6 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(keys, tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** Every place in a value, as a path of keys. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  const inner = Array.isArray(value)
    ? value.flatMap((entry, i) => places(entry, [...path, i]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, entry]) => places(entry, [...path, key]))
      : [];
  return [path, ...inner];
}

function replaceAt(value: unknown, path: readonly (string | number)[], next: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) {
    return next;
  }
  const target = copy(value) as Record<string | number, unknown>;
  target[key] = replaceAt(target[key], rest, next);
  return target;
}

/** A seed with something else in one or two places. */
const mutant = (kind: KindDefinition) =>
  fc
    .tuple(fc.constantFrom(...(seeds.get(kind.kind) ?? [])), fc.array(fc.tuple(fc.nat(), json), { maxLength: 2 }))
    .map(([seed, changes]) =>
      changes.reduce<unknown>((value, [n, next]) => {
        const all = places(value);
        return replaceAt(value, all[n % all.length] ?? [], next);
      }, seed),
    );

/** Texts that mean something to one field or another, right and wrong. */
const texts = fc.constantFrom(
  "",
  "*",
  "a",
  "web",
  "a.b",
  "*.a",
  "/a",
  "a/b",
  "10.0.0.1/33",
  "1s",
  "-1s",
  "%",
  "(",
  "{}",
  "é",
);
const numbers = fc.constantFrom(-1, 0, 1, 100, 101, 600, 65536);

/** An object of the schema's shape: right types, names and limits as they come. */
function shaped(schema: Structural, depth: number): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) {
    return fc.constantFrom(...schema.enum);
  }
  switch (schema.type) {
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number":
      return numbers;
    case "array":
      return depth === 0
        ? fc.constant([])
        : fc.array(shaped(schema.items ?? {}, depth - 1), { minLength: schema.minItems ?? 0, maxLength: 2 });
    case "object": {
      if (schema.additionalProperties !== undefined) {
        return fc.dictionary(texts, shaped(schema.additionalProperties, depth), { maxKeys: 2 });
      }
      const fields = Object.entries(schema.properties ?? {});
      const needed = new Set(schema.required ?? []);
      const kept = depth === 0 ? fields.filter(([name]) => needed.has(name)) : fields;
      const model = Object.fromEntries(kept.map(([name, field]) => [name, shaped(field, Math.max(0, depth - 1))]));
      return fc.record(model, { requiredKeys: [...needed].filter((name) => Object.hasOwn(model, name)) });
    }
    default:
      return schema.format === "date-time" ? fc.constant("2026-01-01T00:00:00Z") : texts;
  }
}

const create = (kind: KindDefinition, object: unknown): AdmissionResult =>
  admit({ kind, operation: "create", object, ...(kind.namespaced ? { namespace: "web" } : {}) });

/** The overload for properties that are not asynchronous. */
const assertNow = fc.assert as <T>(property: fc.IProperty<T>, parameters: fc.Parameters<T>) => void;

/** Holds for many values. */
function always<T>(values: fc.Arbitrary<T>, holds: (value: T) => void): void {
  assertNow<[T]>(fc.property(values, holds), { numRuns: 300, seed: 20260101 });
}

describe.each(kinds.map((kind) => [kind.kind, kind] as const))("%s", (_name, kind) => {
  test("any body is admitted or refused, never thrown at", () => {
    always(fc.oneof(mutant(kind), json), (body) => {
      const result = create(kind, body);
      expect(result.ok || result.status.code >= 400).toBe(true);
      admitApplied({ kind, object: body, namespace: "web", name: "x" });
    });
  });

  test.skipIf(kind.native)("any spec of the right shape is judged, never thrown at", () => {
    const spec = shaped(kind.schema.properties?.["spec"] ?? {}, 7);
    let judged = 0;
    always(spec, (value) => {
      const result = create(kind, { metadata: { name: "x" }, spec: value });
      judged += result.ok || result.status.code === 400 ? 1 : 0;
    });
    // Some of Istio's kinds must get past the schema, or webhooks would not be tried.
    expect(judged > 0 || !kind.group.endsWith("istio.io")).toBe(true);
  });

  test("what was admitted is admitted again, and comes out the same", () => {
    always(mutant(kind), (body) => {
      const first = create(kind, body);
      if (!first.ok) {
        return;
      }
      const stored: KubeObject = {
        ...first.object,
        metadata: { ...first.object.metadata, resourceVersion: "1", uid: "u" },
      };
      const second = admit({
        kind,
        operation: "update",
        object: stored,
        old: stored,
        fieldValidation: "Strict",
        ...(kind.namespaced ? { namespace: "web" } : {}),
        name: stored.metadata?.name ?? "",
      });
      expect(second.ok ? second.object : second.status.message).toEqual(stored);
    });
  });

  test("defaulting twice is defaulting once", () => {
    always(mutant(kind), (body) => {
      const result = create(kind, body);
      if (result.ok) {
        expect(equal(kind.defaults(result.object), result.object)).toBe(true);
      }
      const once = fillDefaults(kind.schema, body);
      expect(fillDefaults(kind.schema, once)).toEqual(once);
    });
  });

  test("pruning and decoding only take away", () => {
    always(mutant(kind), (body) => {
      expect(isPart(prune(kind.schema, body).value, body)).toBe(true);
      if (isObject(body)) {
        const { error, object, unknown } = decode(kind.schema, body);
        if (error === undefined && unknown.length === 0) {
          expect(checkApplied(kind.schema, object).filter((text) => !text.includes("duplicate"))).toEqual([]);
        }
      }
    });
  });
});

/** True when every field of `part` is in `whole` with the same value. */
function isPart(part: unknown, whole: unknown): boolean {
  if (isObject(part) && isObject(whole)) {
    return Object.entries(part).every(([key, value]) => Object.hasOwn(whole, key) && isPart(value, whole[key]));
  }
  if (Array.isArray(part) && Array.isArray(whole)) {
    return part.length === whole.length && part.every((entry, i) => isPart(entry, whole[i]));
  }
  return Object.is(part, whole);
}
