"use client";

import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { plural } from "../../ui/format.ts";
import type { FormState } from "../form-state.ts";
import { Field } from "./field.tsx";

type NamespaceOption = GoldenPathOptions["namespaces"][number];

interface NamespacesFieldProps {
  readonly slug: PathSlug;
  readonly options: GoldenPathOptions;
  readonly form: FormState;
  readonly set: (change: Partial<FormState>) => void;
  readonly error: string | undefined;
}

/** Whether the path already holds in a namespace. */
function holds(slug: PathSlug, option: NamespaceOption): boolean {
  switch (slug) {
    case "require-mtls":
      return option.mtlsRequired;
    case "lock-down":
      return option.lockedDown;
    default:
      return option.enrolment.labelled;
  }
}

function stateWords(slug: PathSlug, option: NamespaceOption): string {
  const { labelled, captured, pods } = option.enrolment;
  switch (slug) {
    case "require-mtls":
      return option.mtlsRequired ? "plain text is refused" : labelled ? "plain text is accepted" : "not in the mesh";
    case "lock-down":
      return option.lockedDown ? "locked down" : labelled ? "open" : "open, not in the mesh";
    default:
      if (pods === 0) {
        return labelled ? "in the mesh, no pods" : option.hasGateway ? "only a gateway" : "no pods";
      }
      return captured > 0 || labelled
        ? `${captured} of ${plural(pods, "pod")} in the mesh`
        : `${plural(pods, "pod")}, not in the mesh`;
  }
}

/** The namespaces that a path acts in, each with its present state. */
export function NamespacesField({ slug, options, form, set, error }: NamespacesFieldProps) {
  const known = options.namespaces;
  const useful = known.filter(
    (option) =>
      option.mine && holds(slug, option) !== form.forward && (slug !== "join-the-mesh" || option.enrolment.pods > 0),
  );
  const unknown = form.namespaces.filter((name) => !known.some((option) => option.name === name));
  const toggle = (name: string, on: boolean) =>
    set({ namespaces: on ? [...form.namespaces, name] : form.namespaces.filter((other) => other !== name) });
  return (
    <Field
      group
      label="Namespaces"
      error={error}
      hint={
        useful.length > 1 && (
          <button
            type="button"
            className="link"
            data-testid="all-namespaces"
            onClick={() => set({ namespaces: useful.map((option) => option.name) })}
          >
            Choose all {useful.length} {form.forward ? "that are not yet" : "that are now"}
          </button>
        )
      }
    >
      <div className="pick-list">
        {[...known.map((option) => option.name), ...unknown].map((name) => {
          const option = known.find((candidate) => candidate.name === name);
          return (
            <label key={name} className="pick-row">
              <input
                type="checkbox"
                checked={form.namespaces.includes(name)}
                onChange={(event) => toggle(name, event.target.checked)}
                data-testid={`namespace-${name}`}
              />
              <span className="med trunc">{name}</span>
              <span className="cap right trunc">
                {option ? stateWords(slug, option) : "there is no such namespace"}
                {option && !option.mine && ` · team ${option.team || "none"}`}
              </span>
            </label>
          );
        })}
        {known.length === 0 && unknown.length === 0 && (
          <p className="cap" style={{ padding: 8 }}>
            There are no namespaces yet.
          </p>
        )}
      </div>
    </Field>
  );
}
