import { expect, it } from "vitest";
import * as z from "zod";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { guardedFields, hasRange } from "./guarded-fields.ts";

interface Schema {
  readonly type?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Every field of a form that is a number or a time, dotted, lists passed through. */
function measured(schema: Schema, at: readonly string[]): string[] {
  const nested = [schema.anyOf, schema.oneOf, schema.items && [schema.items]].flatMap((some) => some ?? []);
  return [
    ...(schema.type === "number" || schema.type === "integer" || schema.pattern?.includes("h|m|s|ms") === true
      ? [at.join(".")]
      : []),
    ...nested.flatMap((part) => measured(part, at)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) => measured(part, [...at, name])),
  ];
}

/** Ports, codes and ends are names or dates, and rounds are counted by the portal: no amounts that a person chooses. */
const noAmounts = /(^|\.)(ports?|codes|until|status|round)(\.|$)/;

it.each(pathSlug.options)(
  "every amount of the form %s can be limited, and nothing that it does not ask for",
  (slug) => {
    const form = z.toJSONSchema(pathForms[slug], { io: "input" }) as Schema;
    const amounts = measured(form, []).filter((field) => !noAmounts.test(field));
    const offered = (guardedFields[slug] ?? []).filter(hasRange).map(({ field }) => field);
    expect([...offered].sort()).toEqual([...new Set(amounts)].sort());
  },
);

it.each(pathSlug.options)("what the form %s can start with is a field of it", (slug) => {
  const form = z.toJSONSchema(pathForms[slug], { io: "input" }) as Schema;
  for (const { field } of guardedFields[slug] ?? []) {
    expect(form.properties).toHaveProperty([field.split(".")[0] ?? ""]);
  }
});
