/** What somebody wants, against the live cluster: what would be written. The same again when the last approval came. */
import type { ResourceRef } from "@/server/contracts/names.ts";
import { readBack } from "@/server/drift/read-back.ts";
import { PortalError } from "@/server/errors.ts";
import type { IntentChange } from "@/server/golden-paths/intent.ts";
import { closingChanges } from "@/server/golden-paths/let-a-caller-in/kept-closed.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import type { FilledIn } from "@/server/golden-paths/registry.ts";
import { type Rendered, resourceKey, resourceName } from "@/server/golden-paths/resource.ts";
import { sameNameFindings } from "@/server/golden-paths/same-names.ts";
import { managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import { type ChangeRow, intentsOf, stepsOf } from "./change-row.ts";
import { intentsAt } from "./intents-at.ts";
import { orderSteps } from "./order.ts";
import type { Wish } from "./origin.ts";
import { endsAccess } from "./overdue-ends.ts";
import { probesOf } from "./probes-of.ts";
import { type Proposal, propose, proposeIntents, type ReadLive, type ResourceStep } from "./proposal.ts";
import { takeBack } from "./take-back.ts";

/** Nothing of ours is left on it. */
const isGone = ({ ref, after }: ResourceStep): boolean =>
  after === undefined || (ref.kind === "Namespace" && after.metadata.labels === undefined);
/** Somebody else's policy, or a namespace that carried the label without an intent. */
const isForeign = ({ kind, metadata }: Rendered): boolean =>
  kind === "Namespace" || metadata.labels?.[managedByLabel] !== managedByTowpath;

/** `undone`: the change that is taken back, for an undo. Throws PortalError. */
export function proposeWish(
  wish: Wish,
  context: PathContext,
  readLive: ReadLive,
  undone: ChangeRow | undefined,
): Proposal {
  switch (wish.origin.kind) {
    case "form":
    case "rollout":
      return propose(wish.slug, wish.values, context, readLive);
    case "undo":
      return proposeUndo(wish, context, readLive, undone);
    case "put-back":
      return proposePutBack(wish, wish.origin.resource, context, readLive);
    case "take-over":
      return proposeTakeOver(wish, wish.origin.resource, context, readLive);
    case "end":
      return proposeEnd(wish, wish.origin.key, context, readLive);
    default:
      return wish.origin satisfies never;
  }
}

/** What a change without a form says of itself. */
const formless = (
  changes: readonly IntentChange[],
  more: Pick<FilledIn, "sentence" | "title"> & {
    readonly namespaces?: readonly string[];
    readonly services?: readonly string[];
  },
  context: PathContext,
): FilledIn => ({
  plan: { changes, namespaces: more.namespaces ?? [], services: more.services ?? [] },
  sentence: more.sentence,
  title: more.title,
  confirmWord: "",
  findings: sameNameFindings(changes, context),
  probes: probesOf(changes, context),
  button: () => more.title,
});

function proposeUndo(wish: Wish, context: PathContext, readLive: ReadLive, row: ChangeRow | undefined): Proposal {
  if (row === undefined) {
    throw new PortalError("not-found", "The change that this takes back is not there any more.");
  }
  const inverse = intentsOf(row).map(({ key, before }) => ({ key, before: context.current.get(key), after: before }));
  const original = new Map(stepsOf(row).map((step) => [resourceKey(step.ref), step]));
  const proposed = proposeIntents(inverse, context, readLive);
  return {
    ...wish,
    filled: formless(
      inverse,
      {
        title: `Undo: ${row.title}`,
        sentence: `Takes back change ${row.number}: ${row.title}.`,
        namespaces: row.namespaces,
        services: row.services,
      },
      context,
    ),
    ...proposed,
    // An object that was somebody else's before is given back as it was, not removed.
    steps: proposed.steps.map((step) => {
      const before = original.get(resourceKey(step.ref))?.before;
      return isGone(step) && before !== undefined && isForeign(before) ? { ...step, after: before } : step;
    }),
  };
}

const isAt =
  (resource: ResourceRef) =>
  ({ ref }: ResourceStep): boolean =>
    resourceKey(ref) === resourceKey(resource);
const withoutConflict = (conflicts: Proposal["conflicts"], resource: ResourceRef): Proposal["conflicts"] =>
  conflicts.filter((conflict) => conflict.resource !== resourceName(resource));

function proposePutBack(wish: Wish, resource: ResourceRef, context: PathContext, readLive: ReadLive): Proposal {
  const changes = intentsAt(resource, context).map(
    ([key, intent]): IntentChange => ({ key, before: intent, after: intent }),
  );
  const { steps, ...proposed } = proposeIntents(changes, context, readLive);
  const name = resourceName(resource);
  return {
    ...wish,
    filled: formless(
      changes,
      { title: `Put back ${name}`, sentence: `Writes ${name} as the golden paths in force have it.` },
      context,
    ),
    ...proposed,
    steps: steps.filter(isAt(resource)),
    conflicts: [],
  };
}

function proposeTakeOver(wish: Wish, resource: ResourceRef, context: PathContext, readLive: ReadLive): Proposal {
  const read = readBack(resource, context, readLive(resource));
  if ("blocked" in read) {
    throw new PortalError("not-readable-back", read.blocked);
  }
  const proposed = proposeIntents(read.changes, context, readLive);
  const name = resourceName(resource);
  return {
    ...wish,
    filled: formless(
      read.changes,
      {
        title: `Take over ${name}`,
        sentence: `Keeps ${name} as it is and makes it the golden paths' own: ${read.words}.`,
      },
      context,
    ),
    ...proposed,
    conflicts: withoutConflict(proposed.conflicts, resource),
  };
}

/** An end is no decision to open: that is for a person. */
const closedWords = " It was the last that let a caller in: nobody is let in any more, until somebody is.";

function proposeEnd(wish: Wish, key: string, context: PathContext, readLive: ReadLive): Proposal {
  const before = context.current.get(key);
  const closing = before === undefined ? [] : closingChanges(before, context);
  const changes: IntentChange[] = before === undefined ? [] : [{ key, before, after: undefined }, ...closing];
  const words = key.split("/").slice(1).join(" ");
  const proposed = proposeIntents(changes, context, readLive);
  const edited = new Set(proposed.conflicts.map(({ resource }) => resource));
  const steps =
    before !== undefined && endsAccess(before) && edited.size > 0
      ? proposed.steps.map((step) => (edited.has(resourceName(step.ref)) ? takeBack(step) : step))
      : proposed.steps;
  return {
    ...wish,
    filled: formless(
      changes,
      {
        title: `End: ${wish.slug.replaceAll("-", " ")} ${words}`,
        sentence: `Takes a rule back whose end date has come.${closing.length === 0 ? "" : closedWords}`,
      },
      context,
    ),
    ...proposed,
    steps: orderSteps(steps, context.inventory),
  };
}
