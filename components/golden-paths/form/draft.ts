import { type PathFormValues, pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { emptyOf, readAs } from "./draft-of-schema.ts";

/** Something with a place of its own: a service, a gateway. Nothing is chosen yet as null. */
interface Place {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Values while they are filled in: a number may be absent (null) or unreadable (NaN), a service or gateway not chosen
 * yet (null), a text empty, a list too short. Everything else is as the contract has it.
 */
export type DraftOf<T> = T extends number
  ? number | null
  : T extends readonly (infer E)[]
    ? DraftOf<E>[]
    : T extends Place
      ? T | null
      : T extends object
        ? { [K in keyof T]: DraftOf<T[K]> }
        : T;

/** What the form of a path holds while it is filled in. */
export type Draft<S extends PathSlug> = DraftOf<PathFormValues[S]>;

/** Fields that the person, or the address, has set; the others follow the defaults. */
export type Entered<S extends PathSlug> = Partial<Draft<S>>;

/** The form before anybody touched it: the defaults of its schema, everything else empty. */
export function emptyDraft<S extends PathSlug>(slug: S): Draft<S> {
  // `emptyOf` follows the schema from which `PathFormValues` is inferred.
  return emptyOf(pathForms[slug]) as Draft<S>;
}

/** Values from an address, an earlier change or the settings, as far as they fit; fields that do not are left out. */
export function readEntered<S extends PathSlug>(slug: S, values: Readonly<Record<string, unknown>>): Entered<S> {
  const entered: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(pathForms[slug].shape)) {
    const read = Object.hasOwn(values, field) ? readAs(schema, values[field]) : undefined;
    if (read !== undefined) {
      entered[field] = read;
    }
  }
  return entered as Entered<S>;
}

/** The whole form: what was entered, over what platform engineers set, over what the schema says. */
export function draftOf<S extends PathSlug>(
  slug: S,
  defaults: Readonly<Record<string, unknown>>,
  entered: Entered<S>,
): Draft<S> {
  return { ...emptyDraft(slug), ...readEntered(slug, defaults), ...entered };
}

/** Values as the portal takes them; they may still be incomplete. */
export function toValues<S extends PathSlug>(draft: Draft<S>): Record<string, unknown> {
  const values: Record<string, unknown> = { ...draft };
  // Chosen namespaces are kept in the form, so that a look at the whole mesh loses nothing.
  return values["scope"] === "mesh" ? { ...values, namespaces: [] } : values;
}
