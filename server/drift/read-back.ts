/** What somebody wrote by hand, read back as filled-in forms: accepted only where these render exactly that. Pure. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import {
  changeIntents,
  type Intent,
  type IntentChange,
  type IntentSet,
  intentNamespace,
} from "@/server/golden-paths/intent.ts";
import { ownedPart } from "@/server/golden-paths/owned-part.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { goldenPaths } from "@/server/golden-paths/registry.ts";
import { render } from "@/server/golden-paths/render.ts";
import { type Rendered, resourceKey, resourceName } from "@/server/golden-paths/resource.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { candidates } from "./candidates.ts";
import { gives } from "./drifted.ts";
import { distance } from "./leaves.ts";

/** Each costs a rendering of a namespace's intents. */
const triesMax = 400;
/** Edits that are read back at once. */
const stepsMax = 8;

export type ReadBack =
  | { readonly changes: readonly IntentChange[]; readonly words: string }
  | { readonly blocked: string };

/** `live` is undefined when somebody removed it: then the rules that it stands for would end. */
export function readBack(resource: ResourceRef, context: PathContext, live: KubeObject | undefined): ReadBack {
  const { current, inventory } = context;
  const key = resourceKey(resource);
  const expected = render(current, inventory).get(key);
  if (expected === undefined) {
    return { blocked: `No golden path in force is about ${resourceName(resource)} any more.` };
  }
  const changes = search(key, expected, live, context);
  // What was found in the neighbourhood must hold in the whole.
  if (changes === undefined || !gives(render(changeIntents(current, changes), inventory), expected, live)) {
    return {
      blocked: `What ${resourceName(resource)} says now cannot be told by the forms of the golden paths. Put it back, or take the path back and keep the resource by hand.`,
    };
  }
  return { changes, words: changes.map((change) => wordsOf(change, context)).join("; ") };
}

/** Step by step nearer to what is live; undefined when no step leads there. */
function search(
  key: string,
  expected: Rendered,
  live: KubeObject | undefined,
  { current, inventory }: PathContext,
): readonly IntentChange[] | undefined {
  const near = neighbourhood(current, expected.metadata.namespace ?? expected.metadata.name);
  const wanted = live === undefined ? undefined : ownedPart(live, [expected]);
  const content = (resource: Rendered | undefined): unknown => [
    resource?.metadata.labels ?? {},
    resource?.spec ?? null,
    resource?.data ?? null,
  ];
  let tries = 0;
  let set: IntentSet = near;
  let now: Rendered | undefined = expected;
  let rest = distance(content(now), content(wanted));
  const made = new Map<string, IntentChange>();
  for (let step = 0; step < stepsMax; step++) {
    if (gives(render(set, inventory), expected, live)) {
      return [...made.values()];
    }
    let best: { change: IntentChange; rest: number; rendered: Rendered | undefined } | undefined;
    for (const change of candidates(standingFor(key, set, inventory), {
      current: set,
      inventory,
      expected: content(now),
      live: content(wanted),
    })) {
      if (++tries > triesMax) {
        return undefined;
      }
      const rendered = render(changeIntents(set, [change]), inventory).get(key);
      const left = distance(content(rendered), content(wanted));
      if (left < (best?.rest ?? rest)) {
        best = { change, rest: left, rendered };
      }
    }
    if (best === undefined) {
      return undefined;
    }
    const { change } = best;
    set = changeIntents(set, [change]);
    now = best.rendered;
    rest = best.rest;
    made.set(change.key, { ...change, before: current.get(change.key) });
  }
  return gives(render(set, inventory), expected, live) ? [...made.values()] : undefined;
}

/** Intents that can have a say in an object of the namespace. */
const neighbourhood = (current: IntentSet, namespace: string): IntentSet =>
  new Map([...current].filter(([, one]) => [namespace, rootNamespace].includes(intentNamespace(one))));

/** Those without which the object would be another, or none. */
function standingFor(key: string, set: IntentSet, inventory: PathContext["inventory"]): [string, Intent][] {
  const whole = JSON.stringify(render(set, inventory).get(key) ?? null);
  return [...set].filter(([name]) => {
    const others = new Map([...set].filter(([other]) => other !== name));
    return JSON.stringify(render(others, inventory).get(key) ?? null) !== whole;
  });
}

/** "retries becomes: up to 5 retries"; "lock down ends". */
function wordsOf({ before, after }: IntentChange, context: PathContext): string {
  const of = after ?? before;
  const name = (of?.slug ?? "").replaceAll("-", " ");
  if (after === undefined) {
    return `${name} ends`;
  }
  const summary = Object.values(goldenPaths)
    .map((path) => path.refill(after, context)?.summary)
    .find((text) => text !== undefined);
  return `${name} ${before === undefined ? "begins" : "becomes"}: ${summary ?? "as it is live"}`;
}
