/** From the form to what each caller may do. Pure. */
import type { LetACallerInForm } from "@/server/contracts/golden-paths/access.ts";
import type { Grant } from "../access/service-access.ts";
import { type IntentChange, intentKey } from "../intent.ts";
import type { PathContext, PathPlan } from "../path.ts";
import { needWaypoint } from "../waypoint/need-waypoint.ts";
import { openingChanges, opensAgain } from "./kept-closed.ts";

const ascending = (ports: Iterable<number>): number[] => [...new Set(ports)].sort((one, other) => one - other);

/** What the caller of `wanted` may do now. */
function heldBy(wanted: Grant, { current }: Pick<PathContext, "current">): Grant | undefined {
  const held = current.get(intentKey(wanted));
  return held?.slug === "let-a-caller-in" ? held : undefined;
}

/**
 * Ports add up as long as neither says anything about requests and both end together. Else the form takes the place of
 * what the caller might do before.
 */
const addsTo = (held: Grant, wanted: Grant): boolean =>
  held.requests.length === 0 && wanted.requests.length === 0 && held.until === wanted.until;

/** One grant for each caller of the form. */
const grantsOf = ({ service, callers, ports, requests, until }: LetACallerInForm): Grant[] =>
  callers.map((caller) => ({ slug: "let-a-caller-in", service, caller, ports: ascending(ports), requests, until }));

export function planGrants(form: LetACallerInForm, context: PathContext): PathPlan {
  const changes = grantsOf(form).map((wanted): IntentChange => {
    const before = heldBy(wanted, context);
    return { key: intentKey(wanted), before, after: afterOf(form, wanted, before), subject: wanted };
  });
  // Who is let in says that it need not be kept closed; so does a form that takes nobody back.
  const opened = form.allowed || opensAgain(form) ? openingChanges(form.service, context.current) : [];
  const waypoint = form.allowed && form.requests.length > 0 ? needWaypoint(form.service, context) : [];
  return {
    namespaces: [form.service.namespace],
    services: [`${form.service.namespace}/${form.service.name}`],
    changes: [...new Map(changes.map((change) => [change.key, change])).values(), ...opened, ...waypoint],
  };
}

function afterOf(form: LetACallerInForm, wanted: Grant, held: Grant | undefined): Grant | undefined {
  if (!form.allowed) {
    const left = (held?.ports ?? []).filter((port) => !wanted.ports.includes(port));
    return held === undefined || left.length === 0 ? undefined : { ...held, ports: left };
  }
  return held !== undefined && addsTo(held, wanted)
    ? { ...wanted, ports: ascending([...held.ports, ...wanted.ports]) }
    : wanted;
}

/** Grants that the form takes the place of: what they allowed goes. */
export const replacedBy = (form: LetACallerInForm, context: PathContext): Grant[] =>
  form.allowed
    ? grantsOf(form).flatMap((wanted) => {
        const held = heldBy(wanted, context);
        return held === undefined || addsTo(held, wanted) || sameRule(held, wanted) ? [] : [held];
      })
    : [];

const sameRule = (one: Grant, other: Grant): boolean =>
  JSON.stringify([one.ports, one.requests, one.until]) === JSON.stringify([other.ports, other.requests, other.until]);
