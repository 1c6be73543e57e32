/** What a golden path is made of. Pure: forms and inventory in, intents, words and findings out. */
import type { Finding, PathFormValues, PathSlug } from "@/server/contracts/golden-paths.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { IntentChange, IntentSet } from "./intent.ts";

export interface PathContext {
  readonly inventory: Inventory;
  readonly current: IntentSet;
}

export interface PathPlan {
  readonly changes: readonly IntentChange[];
  /** Namespaces it touches; `istio-system` for the whole mesh. Their owners decide. */
  readonly namespaces: readonly string[];
  /** `<namespace>/<name>` of services it is about; may be empty. */
  readonly services: readonly string[];
}

export interface GoldenPath<S extends PathSlug> {
  readonly slug: S;
  readonly title: string;
  readonly summary: string;
  readonly group: "join" | "access";
  readonly keywords: readonly string[];
  /** Form to intents. */
  plan(form: PathFormValues[S], context: PathContext): PathPlan;
  /** What it does, in one plain sentence. */
  explain(form: PathFormValues[S], context: PathContext): string;
  /** Title of the change. */
  changeTitle(form: PathFormValues[S]): string;
  /** Type this to apply; empty when nothing must be typed. */
  confirmWord(form: PathFormValues[S]): string;
  findings(form: PathFormValues[S], context: PathContext): Finding[];
}

/** A finding with the fields that are mostly empty. */
export function finding(
  level: Finding["level"],
  code: Finding["code"],
  field: string,
  message: string,
  more: Partial<Pick<Finding, "repair" | "path">> = {},
): Finding {
  return { level, code, field, message, repair: null, path: null, ...more };
}

/** "a", "a and b", "a, b and c"; more than `max` are counted. */
export function listNames(names: readonly string[], max = 5): string {
  if (names.length > max) {
    return `${names.slice(0, max - 1).join(", ")} and ${names.length - max + 1} more`;
  }
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** "1 pod", "2 pods". */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
