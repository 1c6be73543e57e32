/** A service that stays closed after the access of its last caller ended by itself. Pure. */
import type { LetACallerInForm } from "@/server/contracts/golden-paths/access.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { isDryRun } from "@/server/policies/applied.ts";
import {
  changeIntents,
  type Intent,
  type IntentChange,
  type IntentOf,
  type IntentSet,
  intentKey,
  intentsOfService,
} from "../intent.ts";
import { generateLockDown } from "../lock-down/generate.ts";
import type { PathContext } from "../path.ts";
import { canonical, type Rendered } from "../resource.ts";
import { surroundingsOf } from "../surroundings.ts";

const keepClosed = ({ namespace, name }: ServiceRef): IntentOf<"keep-closed"> => ({
  slug: "keep-closed",
  service: { namespace, name },
});

const hasCallers = (set: IntentSet, service: ServiceRef): boolean =>
  intentsOfService(set, service).some(({ slug }) => slug === "let-a-caller-in");

/** Nobody is let in, because the last access ended and nobody has said since who may call. */
export const isKeptClosed = (set: IntentSet, service: ServiceRef): boolean =>
  set.has(intentKey(keepClosed(service))) && !hasCallers(set, service);

/**
 * What comes in the place of an access that ends by itself. Without any ALLOW policy everybody may call, whoever's access
 * ended too (`resources.md` §3): an end is no decision to open. A lock-down refuses what no rule allows anyway, as long as
 * nobody took it out of the cluster by hand.
 */
export function closingChanges(
  ended: Intent,
  { current, inventory }: Pick<PathContext, "current" | "inventory">,
): IntentChange[] {
  if (ended.slug !== "let-a-caller-in") {
    return [];
  }
  const { service } = ended;
  const after = keepClosed(service);
  const key = intentKey(after);
  const next = changeIntents(current, [{ key: intentKey(ended), before: ended, after: undefined }]);
  return hasCallers(next, service) || next.has(key) || isLockedDown(service, next, inventory)
    ? []
    : [{ key, before: undefined, after }];
}

function isLockedDown({ namespace }: ServiceRef, set: IntentSet, inventory: Inventory): boolean {
  const locks = generateLockDown(surroundingsOf(set, inventory)).filter(
    ({ spec }) => !Object.hasOwn(spec ?? {}, "rules"),
  );
  return [namespace, rootNamespace].some((place) => {
    const own = locks.filter(({ metadata }) => metadata.namespace === place);
    return own.length > 0 && own.every((lock) => isLive(lock, inventory));
  });
}

const isLive = ({ metadata, spec }: Rendered, { authorizationPolicies }: Inventory): boolean =>
  authorizationPolicies.some(
    (live) =>
      live.metadata.namespace === metadata.namespace &&
      live.metadata.name === metadata.name &&
      canonical(live.spec ?? {}) === canonical(spec) &&
      !isDryRun(live),
  );

/** The form withdraws no caller, but what keeps the service closed. */
export const opensAgain = ({ allowed, callers }: Pick<LetACallerInForm, "allowed" | "callers">): boolean =>
  !allowed && callers.length === 0;

/** Somebody says who may call, or that everybody may: it need not be kept closed any longer. */
export function openingChanges(service: ServiceRef, current: IntentSet): IntentChange[] {
  const key = intentKey(keepClosed(service));
  const before = current.get(key);
  return before === undefined ? [] : [{ key, before, after: undefined }];
}
