"use client";

import { ChevronDown, ListOrdered, Server } from "lucide-react";
import { PathField } from "../../golden-paths/fields/path-field.tsx";
import { Combo, type ComboItem } from "../../golden-paths/inputs/combo.tsx";
import { prefilledHref } from "../../query/prefilled-href.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { milliseconds, plural, rate, textOf } from "../../ui/format.ts";
import type { EnteredRelease } from "../form/release-draft.ts";
import type { ReleaseFieldsProps, ReleaseService } from "../form/release-form.ts";
import { nextVersion, usualVersion } from "../form/step-presets.ts";

const keyOf = ({ service }: ReleaseService): string => `${service.namespace}/${service.name}`;

const itemOf = (option: ReleaseService): ComboItem => ({
  value: keyOf(option),
  title: option.service.name,
  detail: option.service.namespace,
  end: option.running ? "a release runs" : option.rps > 0 ? textOf(rate(option.rps)) : "",
});

/** What follows from a service: the version that runs, and the one that comes. */
export function versionsFor({ service, stable, versions }: ReleaseService): EnteredRelease {
  const names = versions.map(({ version }) => version).filter((version) => version !== "");
  const from = stable ?? names[0] ?? "";
  const other = names.find((version) => version !== from);
  const image = versions.find(({ version }) => version === from)?.image ?? "";
  return {
    service: { namespace: service.namespace, name: service.name },
    stable: from,
    canary: other ?? nextVersion(from, names),
    start: other === undefined ? { ...usualVersion, command: [], image } : null,
  };
}

/** The service that gets a new version. */
export function ReleaseServiceField({ form: { draft, options, service: chosen, set } }: ReleaseFieldsProps) {
  const { service } = draft;
  const usable = options.services.filter(({ applicable }) => applicable);
  const others = options.services.filter(({ applicable }) => !applicable);
  return (
    <>
      <PathField
        name="service"
        label="Service"
        error={service && !chosen ? `There is no service ${service.namespace}/${service.name}` : undefined}
        warning={
          chosen &&
          !chosen.applicable && (
            <>
              No pod of it is in the mesh with a version.{" "}
              <AppLink
                className="link"
                href={prefilledHref({ slug: "join-the-mesh", values: { namespaces: [chosen.service.namespace] } })}
              >
                Join the mesh
              </AppLink>
            </>
          )
        }
        hint={chosen ? <span>{hintOf(chosen)}</span> : options.services.length === 0 && "There is no service yet."}
      >
        <Combo
          label="Service"
          find="Find a service"
          nothing="No service has this name."
          groups={[
            { heading: "Services", items: usable.map(itemOf) },
            { heading: "Not in the mesh, or without a version", items: others.map(itemOf) },
          ]}
          {...(service && { chosen: `${service.namespace}/${service.name}` })}
          onChoose={(key) => {
            const option = options.services.find((candidate) => keyOf(candidate) === key);
            if (option) {
              set(versionsFor(option));
            }
          }}
          testId="field-service"
        >
          <Server className="ic ic-14 t3" aria-hidden="true" />
          <span className="grow trunc">
            {service ? (
              <>
                {service.name} <span className="t3">{service.namespace}</span>
              </>
            ) : (
              <span className="t3">Choose a service</span>
            )}
          </span>
          <ChevronDown className="ic ic-14 t3" aria-hidden="true" />
        </Combo>
      </PathField>
      {chosen?.running && (
        <p className="in-force hint" data-testid="release-runs">
          <ListOrdered className="ic" aria-hidden="true" />
          <span>
            <AppLink className="link" href={`/rollouts/${chosen.running.id}`}>
              {chosen.running.title}
            </AppLink>{" "}
            runs. This one waits in the queue and begins by itself when that one has ended.
          </span>
        </p>
      )}
    </>
  );
}

function hintOf({ rps, p99Ms, success, versions }: ReleaseService): string {
  const runs = plural(versions.length, "version");
  if (rps <= 0) {
    return `${runs}, no calls now: nothing to judge by`;
  }
  const well = success === null ? "" : `, ${success.toFixed(2)} % answered well`;
  return `${runs}, ${textOf(rate(rps))}, p99 ${textOf(milliseconds(p99Ms))}${well}`;
}
