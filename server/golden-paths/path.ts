/** What a golden path is made of. Pure: forms and inventory in, intents, words and findings out. */

import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathGroup, PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { TrafficInsight } from "./insight.ts";
import type { Intent, IntentChange, IntentSet } from "./intent.ts";
import type { Probe } from "./probe.ts";

export interface PathContext {
  readonly inventory: Inventory;
  readonly current: IntentSet;
  readonly traffic: TrafficInsight;
  /** Now, milliseconds since the epoch. */
  readonly nowUnixMs: number;
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
  /** By need: "Let a service call mine". */
  readonly title: string;
  readonly summary: string;
  readonly group: PathGroup;
  readonly keywords: readonly string[];
  /** How often it is in force: "4 of 5 namespaces", "3 services". */
  inUse(context: PathContext): string;
  /** Form to intents. A path that needs a waypoint plans one too (`needWaypoint`). */
  plan(form: PathFormValues[S], context: PathContext): PathPlan;
  /** What it does, in one plain sentence. */
  explain(form: PathFormValues[S], context: PathContext): string;
  /** Title of the change. */
  changeTitle(form: PathFormValues[S]): string;
  /** What the button says; names the effect and to how many. */
  button(form: PathFormValues[S], effect: { readonly callersCutOff: number; readonly changed: number }): string;
  /** Type this to apply; empty when nothing must be typed. */
  confirmWord(form: PathFormValues[S]): string;
  findings(form: PathFormValues[S], context: PathContext): Finding[];
  /** Requests that prove the effect; empty where none can be sent without effects. At most 6. */
  probes(form: PathFormValues[S], context: PathContext): readonly Probe[];
  /** The form of an intent of this path as it is now; undefined for intents of others. */
  refill(of: Intent, context: PathContext): Refilled<S> | undefined;
}

export interface Refilled<S extends PathSlug> {
  readonly values: PathFormValues[S];
  /** "up to 3 retries on 502, 503, 504". */
  readonly summary: string;
}

/** A finding with the fields that are mostly empty. */
export function finding(
  level: Finding["level"],
  code: Finding["code"],
  field: string,
  message: string,
  more: Partial<Pick<Finding, "repair" | "path" | "place">> = {},
): Finding {
  return { level, code, field, message, repair: null, path: null, place: "", ...more };
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
