"use client";

import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { Segmented } from "../../ui/segmented.tsx";
import type { FormState } from "../form-state.ts";
import { pathTexts } from "../path-texts.ts";
import { CallersField } from "./callers-field.tsx";
import { Field } from "./field.tsx";
import { NamespacesField } from "./namespaces-field.tsx";
import { PortsField } from "./ports-field.tsx";
import { ServiceField } from "./service-field.tsx";

interface PathFieldsProps {
  readonly slug: PathSlug;
  readonly options: GoldenPathOptions;
  readonly form: FormState;
  readonly set: (change: Partial<FormState>) => void;
  /** By dotted path; shown once the person tried or moved on. */
  readonly problems: ReadonlyMap<string, string>;
}

function problemOf(problems: ReadonlyMap<string, string>, field: string): string | undefined {
  return problems.get(field) ?? [...problems].find(([path]) => path.startsWith(`${field}.`))?.[1];
}

/** The fields of each path. */
export function PathFields({ slug, options, form, set, problems }: PathFieldsProps) {
  const texts = pathTexts[slug];
  const shared = { options, form, set };
  const scoped = slug === "require-mtls" || slug === "lock-down";
  return (
    <>
      <Field group label="What should happen">
        <Segmented
          label="What should happen"
          value={form.forward ? "forward" : "back"}
          options={[
            { value: "forward", label: texts.ways[0] },
            { value: "back", label: texts.ways[1] },
          ]}
          onChange={(way) => set({ forward: way === "forward" })}
        />
      </Field>
      {scoped && (
        <Field
          group
          label="Where"
          hint={
            form.scope === "mesh"
              ? "Every namespace, also those that come later. Only platform engineers may apply it."
              : "Only in the namespaces that you choose"
          }
        >
          <Segmented
            label="Where"
            value={form.scope}
            options={[
              { value: "namespaces", label: "In namespaces" },
              { value: "mesh", label: "In the whole mesh" },
            ]}
            onChange={(scope) => set({ scope })}
          />
        </Field>
      )}
      {slug === "let-a-caller-in" ? (
        <>
          <ServiceField {...shared} error={problemOf(problems, "service")} />
          <CallersField {...shared} error={problemOf(problems, "callers")} />
          <PortsField {...shared} error={problemOf(problems, "ports")} />
        </>
      ) : (
        form.scope === "namespaces" && (
          <NamespacesField slug={slug} {...shared} error={problemOf(problems, "namespaces")} />
        )
      )}
      {slug === "lock-down" && form.forward && (
        <label className="pick-row is-alone">
          <input
            type="checkbox"
            checked={form.keepGatewaysOpen}
            onChange={(event) => set({ keepGatewaysOpen: event.target.checked })}
          />
          <span>
            <span className="med">Keep the gateway open</span>
            <span className="cap" style={{ display: "block" }}>
              Anyone may still call its hosts; what is behind it is locked
            </span>
          </span>
        </label>
      )}
    </>
  );
}
