/** What somebody wrote by hand, read back as filled-in forms: accepted only where these render exactly that. Pure. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { ResourceRef, ServiceRef } from "@/server/contracts/names.ts";
import { intentsOfResource } from "@/server/golden-paths/from-manifest.ts";
import {
  changeIntents,
  type Intent,
  type IntentChange,
  type IntentSet,
  intentKey,
  intentNamespace,
} from "@/server/golden-paths/intent.ts";
import { isKeptClosed, openingChanges } from "@/server/golden-paths/let-a-caller-in/kept-closed.ts";
import { ownedPart } from "@/server/golden-paths/owned-part.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { goldenPaths } from "@/server/golden-paths/registry.ts";
import { render } from "@/server/golden-paths/render.ts";
import { type Rendered, resourceKey, resourceName } from "@/server/golden-paths/resource.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { candidates } from "./candidates.ts";
import { bareOf, contentOf, gives } from "./drifted.ts";
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
  const found = search(key, expected, live, context);
  const changes = found === undefined ? undefined : [...found, ...openedBy(found, current)];
  // What was found in the neighbourhood must hold in the whole.
  if (changes === undefined || !gives(render(changeIntents(current, changes), inventory), expected, live)) {
    const closed = closedBy(key, expected, context);
    return {
      blocked:
        closed === undefined
          ? `What ${resourceName(resource)} says now cannot be told by the forms of the golden paths. Put it back, or take the path back and keep the resource by hand.`
          : `${resourceName(resource)} keeps ${closed.name} closed since its last access ended. What it says now is more than callers by name at the service's own ports, so no form tells it. Put it back, then let callers in with the form.`,
    };
  }
  return {
    changes,
    words: (found ?? []).map((change) => wordsOf(change, context)).join("; "),
  };
}

/** Whom somebody is let in to is kept closed no longer, as when a person fills in the form. */
const openedBy = (changes: readonly IntentChange[], current: IntentSet): IntentChange[] => {
  const services = changes.flatMap(({ after }) => (after?.slug === "let-a-caller-in" ? [after.service] : []));
  const opening = services.flatMap((service) => openingChanges(service, current));
  return [...new Map(opening.map((change) => [change.key, change])).values()].filter(({ key }) =>
    changes.every((change) => change.key !== key),
  );
};

/** The service that the object keeps closed. */
function closedBy(key: string, { metadata }: Rendered, { current, inventory }: PathContext): ServiceRef | undefined {
  const near = neighbourhood(current, metadata.namespace ?? metadata.name);
  return standingFor(key, near, inventory)
    .flatMap(([, one]) => (one.slug === "keep-closed" ? [one.service] : []))
    .find((service) => isKeptClosed(current, service));
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
  const content = (resource: Rendered | undefined): unknown => contentOf(resource ?? bareOf(expected));
  // An object that is gone says that what was written on it ends, and nothing else: not, say, the waypoint it stood at.
  const told = new Set(intentsOfResource(expected as KubeObject).map(intentKey));
  const mayEnd = (name: string): boolean => live !== undefined || told.has(name);
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
      mayEnd,
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
  if (before?.slug === "keep-closed" && after === undefined) {
    return `${before.service.name} is no longer kept closed: without another rule everybody may call it`;
  }
  if (after === undefined) {
    return `${name} ends`;
  }
  const summary = Object.values(goldenPaths)
    .map((path) => path.refill(after, context)?.summary)
    .find((text) => text !== undefined);
  return `${name} ${before === undefined ? "begins" : "becomes"}: ${summary ?? "as it is live"}`;
}
