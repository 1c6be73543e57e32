"use client";

import type { FieldsProps } from "../form/path-form.ts";
import { NamespacesField } from "./namespaces-field.tsx";

/** What joining, or leaving, asks: the namespaces. */
export function JoinTheMeshFields({ form: { slug, options, forward, draft, set } }: FieldsProps<"join-the-mesh">) {
  return (
    <NamespacesField
      slug={slug}
      options={options}
      forward={forward}
      namespaces={draft.namespaces}
      onChange={(namespaces) => set({ namespaces })}
    />
  );
}
