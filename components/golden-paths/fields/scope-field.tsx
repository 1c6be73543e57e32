"use client";

import { Segmented } from "../../ui/segmented.tsx";
import { PathField } from "./path-field.tsx";

type Scope = "namespaces" | "mesh";

/** Where a path acts: in namespaces, or everywhere. */
export function ScopeField({ scope, onChange }: { readonly scope: Scope; readonly onChange: (scope: Scope) => void }) {
  return (
    <PathField
      name="scope"
      group
      label="Where"
      hint={
        scope === "mesh"
          ? "Every namespace, also those that come later. Only platform engineers may apply it."
          : "Only in the namespaces that you choose"
      }
    >
      <Segmented
        label="Where"
        value={scope}
        options={[
          { value: "namespaces", label: "In namespaces" },
          { value: "mesh", label: "In the whole mesh" },
        ]}
        onChange={onChange}
      />
    </PathField>
  );
}
