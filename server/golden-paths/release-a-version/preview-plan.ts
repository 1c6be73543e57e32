/** What a preview host needs besides its route: the gateway lets calls to it pass, and may call the service. Pure. */
import type { ExposeToTheOutsideForm } from "@/server/contracts/golden-paths/edges.ts";
import { callerChanges, lockDownChanges } from "../expose-to-the-outside/consequences.ts";
import type { Exposure } from "../expose-to-the-outside/listeners.ts";
import { previewOf } from "../expose-to-the-outside/previews.ts";
import { changeIntents, type IntentChange, type IntentOf, intentKey } from "../intent.ts";
import type { PathContext } from "../path.ts";

type Release = IntentOf<"release-a-version">;

/** As the form of an exposure has it. */
export const exposureForm = (
  { isPreview: _isPreview, slug: _slug, ...values }: Exposure,
  exposed: boolean,
): ExposeToTheOutsideForm => ({ ...values, exposed });

/** The changes, and the namespaces whose owners decide about them; nothing while the host stays as it is. */
export function previewPlan(
  before: Release | undefined,
  after: Release | undefined,
  context: PathContext,
): { readonly changes: readonly IntentChange[]; readonly namespaces: readonly string[] } {
  const { inventory } = context;
  const [had, has] = [before, after].map((one) => one && previewOf(one, inventory));
  const moves = placeOf(had) !== placeOf(has);
  // Who may call is asked for again with the service itself: its rules may have come since.
  const opens =
    after === undefined || has === undefined
      ? []
      : callerChanges({ ...exposureForm(has, true), service: after.service }, context);
  if (!moves) {
    return { changes: opens, namespaces: [] };
  }
  const closing = had === undefined ? [] : lockDownChanges(exposureForm(had, false), intentKey(had), context);
  const current = changeIntents(context.current, closing);
  const opening =
    has === undefined ? [] : lockDownChanges(exposureForm(has, true), intentKey(has), { ...context, current });
  const locks = joined(closing, opening);
  const touched = [had, has].flatMap((one) => one?.gateway.namespace ?? []);
  const locked = locks.flatMap((change) => (change.after?.slug === "lock-down" ? [change.after.namespace] : []));
  return { changes: [...opens, ...locks], namespaces: [...touched, ...locked] };
}

const placeOf = (preview: Exposure | undefined): string =>
  preview === undefined ? "" : `${preview.gateway.namespace}/${preview.gateway.name} ${preview.host}`;

/** Changes one after the other as one each. */
function joined(first: readonly IntentChange[], then: readonly IntentChange[]): IntentChange[] {
  const both = new Map(first.map((change) => [change.key, change]));
  for (const change of then) {
    const known = both.get(change.key);
    both.set(change.key, known === undefined ? change : { ...change, before: known.before });
  }
  return [...both.values()];
}
