"use client";

import type { PathForm } from "../form/path-form.ts";
import { NamespacesField } from "./namespaces-field.tsx";
import { ScopeField } from "./scope-field.tsx";

/** Where a rule holds: in the whole mesh, or in namespaces that are chosen. */
export function WhereFields({ form }: { readonly form: PathForm<"require-mtls"> | PathForm<"lock-down"> }) {
  const { slug, options, forward, draft, set } = form;
  return (
    <>
      <ScopeField scope={draft.scope} onChange={(scope) => set({ scope })} />
      {draft.scope === "namespaces" && (
        <NamespacesField
          slug={slug}
          options={options}
          forward={forward}
          namespaces={draft.namespaces}
          onChange={(namespaces) => set({ namespaces })}
        />
      )}
    </>
  );
}
