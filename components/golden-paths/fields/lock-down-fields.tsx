"use client";

import type { FieldsProps } from "../form/path-form.ts";
import { Toggle } from "../inputs/toggle.tsx";
import { NamespacesField } from "./namespaces-field.tsx";
import { ScopeField } from "./scope-field.tsx";

/** Where everything is refused that no rule allows, and whether the edge stays open. */
export function LockDownFields({ form: { slug, options, forward, draft, set } }: FieldsProps<"lock-down">) {
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
      {forward && (
        <Toggle
          title="Keep the gateway open"
          checked={draft.keepGatewaysOpen}
          onChange={(keepGatewaysOpen) => set({ keepGatewaysOpen })}
        >
          Anyone may still call its hosts; what is behind it is locked
        </Toggle>
      )}
    </>
  );
}
