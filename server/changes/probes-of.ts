/** Requests that prove a change which no form was filled in for: of the state that comes, as its own path proves it. */
import { forwardField, type PathFormValues, pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { type PathSlug, pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { changeIntents, type Intent, type IntentChange } from "@/server/golden-paths/intent.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import type { Probe } from "@/server/golden-paths/probe.ts";
import { goldenPaths } from "@/server/golden-paths/registry.ts";

export const probesMax = 6;

/** Of intents that come back as their path proves them, of those that go as their path proves taking them back. Pure. */
export function probesOf(changes: readonly IntentChange[], context: PathContext): Probe[] {
  const next = { ...context, current: changeIntents(context.current, changes) };
  const probes = changes.flatMap(({ before, after }) =>
    after !== undefined ? probesFor(after, next, true) : before !== undefined ? probesFor(before, context, false) : [],
  );
  return [...new Map(probes.map((probe) => [probe.sentence, probe])).values()].slice(0, probesMax);
}

function probesFor(intent: Intent, context: PathContext, forward: boolean): readonly Probe[] {
  const slug = pathSlug.safeParse(intent.slug);
  return slug.success ? probesThrough(slug.data, intent, context, forward) : [];
}

function probesThrough<S extends PathSlug>(
  slug: S,
  intent: Intent,
  context: PathContext,
  forward: boolean,
): readonly Probe[] {
  const path = goldenPaths[slug];
  const values = path?.refill(intent, context)?.values;
  const form = pathForms[slug].safeParse({ ...values, [forwardField[slug]]: forward });
  // The form of a slug parses to that path's values.
  return path === undefined || !form.success ? [] : path.probes(form.data as PathFormValues[S], context);
}
