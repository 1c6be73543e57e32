/** Paths that are in force, with the forms that change them or take them back. Pure. */
import { forwardField } from "@/server/contracts/golden-paths/forms.ts";
import type { InForce } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { endOf, type Intent, isServiceIntent } from "@/server/golden-paths/intent.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { refillAll } from "@/server/golden-paths/registry.ts";

/** A path in force and what it is about. */
export interface InForceIntent {
  readonly intent: Intent;
  readonly entry: InForce;
}

/** Everything in force, by the intents' keys. `changeIds` says which change made each. */
export function inForceOf(context: PathContext, changeIds: ReadonlyMap<string, string>): readonly InForceIntent[] {
  return [...refillAll(context)].flatMap(([key, { slug, values, summary }]) => {
    const intent = context.current.get(key);
    const edit: Record<string, unknown> = { ...values };
    return intent === undefined
      ? []
      : [
          {
            intent,
            entry: {
              slug,
              key,
              summary,
              edit,
              remove: { ...edit, [forwardField[slug]]: false },
              untilUnixMs: endOf(intent),
              changeId: changeIds.get(key) ?? null,
            },
          },
        ];
  });
}

/** Those of one service; those of its whole namespace too when they are of the path in question. */
export const inForceFor = (all: readonly InForceIntent[], { namespace, name }: ServiceRef, slug: string): InForce[] =>
  all
    .filter(({ intent }) =>
      isServiceIntent(intent)
        ? intent.service.namespace === namespace && intent.service.name === name
        : intent.slug === slug && "namespace" in intent && intent.namespace === namespace,
    )
    .map(({ entry }) => entry);
