"use client";

import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { plural } from "../../ui/format.ts";
import { PathField } from "./path-field.tsx";

type NamespaceOption = GoldenPathOptions["namespaces"][number];

interface NamespacesFieldProps {
  readonly slug: PathSlug;
  readonly options: GoldenPathOptions;
  readonly forward: boolean;
  readonly namespaces: readonly string[];
  readonly onChange: (namespaces: string[]) => void;
}

/** Whether the path already holds in a namespace. */
function holds(slug: PathSlug, option: NamespaceOption, { services }: GoldenPathOptions): boolean {
  switch (slug) {
    case "require-mtls":
      return option.mtlsRequired;
    case "lock-down":
      return option.lockedDown;
    case "give-a-waypoint":
      return services.some(({ namespace, waypoint }) => namespace === option.name && waypoint);
    default:
      return option.enrolment.labelled;
  }
}

function stateWords(slug: PathSlug, option: NamespaceOption, options: GoldenPathOptions): string {
  const { labelled, captured, pods } = option.enrolment;
  switch (slug) {
    case "require-mtls":
      return option.mtlsRequired ? "plain text is refused" : labelled ? "plain text is accepted" : "not in the mesh";
    case "lock-down":
      return option.lockedDown ? "locked down" : labelled ? "open" : "open, not in the mesh";
    case "give-a-waypoint": {
      const own = options.services.filter(({ namespace }) => namespace === option.name);
      const through = own.filter(({ waypoint }) => waypoint).length;
      return through > 0
        ? `${through} of ${plural(own.length, "service")} behind a waypoint`
        : `${plural(own.length, "service")}${labelled ? "" : ", not in the mesh"}`;
    }
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
export function NamespacesField({ slug, options, forward, namespaces, onChange }: NamespacesFieldProps) {
  const known = options.namespaces;
  const useful = known.filter(
    (option) =>
      option.mine &&
      holds(slug, option, options) !== forward &&
      (slug !== "join-the-mesh" || option.enrolment.pods > 0) &&
      (slug !== "give-a-waypoint" || option.services > 0),
  );
  const unknown = namespaces.filter((name) => !known.some((option) => option.name === name));
  const toggle = (name: string, on: boolean) =>
    onChange(on ? [...namespaces, name] : namespaces.filter((other) => other !== name));
  return (
    <PathField
      name="namespaces"
      group
      label="Namespaces"
      hint={
        useful.length > 1 && (
          <button
            type="button"
            className="link"
            data-testid="all-namespaces"
            onClick={() => onChange(useful.map((option) => option.name))}
          >
            Choose all {useful.length} {forward ? "that are not yet" : "that are now"}
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
                checked={namespaces.includes(name)}
                onChange={(event) => toggle(name, event.target.checked)}
                data-testid={`namespace-${name}`}
              />
              <span className="med trunc">{name}</span>
              <span className="cap right trunc">
                {option ? stateWords(slug, option, options) : "there is no such namespace"}
                {option && !option.mine && ` · team ${option.team || "none"}`}
              </span>
            </label>
          );
        })}
        {known.length === 0 && unknown.length === 0 && (
          <p className="cap pick-none">There are no namespaces yet. They come with the first workload.</p>
        )}
      </div>
    </PathField>
  );
}
