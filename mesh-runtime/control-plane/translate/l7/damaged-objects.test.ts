import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { translate } from "../translate.ts";
import { facts, worldOf } from "../world.suite.ts";

const folder = new URL("testdata/", import.meta.url);
const objectsOf = (file: string): unknown[] =>
  parseAllDocuments(readFileSync(new URL(file, folder), "utf8")).map((document): unknown => document.toJS());
const common = objectsOf("common.yaml");
const cases = readdirSync(folder)
  .filter((file) => file.endsWith(".in.yaml"))
  .map(objectsOf);

/** The value with something else at one place; `turns` choose the way down. */
function damaged(value: unknown, turns: readonly number[], by: unknown): unknown {
  const [turn = 0, ...rest] = turns;
  if (typeof value !== "object" || value === null || turns.length === 0) {
    return by;
  }
  const entries = Object.entries(value);
  const chosen = entries.length === 0 ? undefined : entries[turn % entries.length];
  if (chosen === undefined) {
    return by;
  }
  const inner = damaged(chosen[1], rest, by);
  return Array.isArray(value)
    ? value.map((item, index) => (String(index) === chosen[0] ? inner : item))
    : { ...value, [chosen[0]]: inner };
}

it("an object with anything in any place harms no translation", { timeout: 60_000 }, () => {
  const turns = fc.array(fc.nat(9), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(
      fc.constantFrom(...cases),
      fc.nat(),
      turns,
      fc.jsonValue({ maxDepth: 3 }),
      (objects, which, way, by) => {
        const index = which % objects.length;
        const changed = objects.map((object, at) => (at === index ? damaged(object, way, by) : object));
        const { proxyConfigs, effects } = translate(worldOf([...common, ...changed].filter(isObject)), facts);
        expect(proxyConfigs.has("shop/waypoint")).toBe(true);
        expect(JSON.stringify([...effects.virtualServices, ...effects.destinationRules])).not.toContain("undefined");
      },
    ),
    { numRuns: 200 },
  );
});

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
