"use client";

import type { FieldsProps } from "../form/path-form.ts";
import { NamespacesField } from "./namespaces-field.tsx";
import { ScopeField } from "./scope-field.tsx";

/** Where plain text is refused. */
export function RequireMtlsFields({ form: { slug, options, forward, draft, set } }: FieldsProps<"require-mtls">) {
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
