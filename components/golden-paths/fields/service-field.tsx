"use client";

import { ChevronDown, Info, Server } from "lucide-react";
import type { ReactNode } from "react";
import { milliseconds, rate, textOf } from "../../ui/format.ts";
import { inForceOf, type ServiceForm, type ServiceOption, serviceOf } from "../form/path-form.ts";
import { Combo, type ComboItem } from "../inputs/combo.tsx";
import { InForceNote } from "./in-force-note.tsx";
import { PathField } from "./path-field.tsx";

interface ServiceFieldProps {
  readonly form: ServiceForm;
  readonly label?: string;
  /** The rule is about requests, so calls must pass a waypoint. */
  readonly layer7?: boolean;
  /** Fills in what follows from the service. */
  readonly onChosen?: (service: ServiceOption) => void;
  /** A field that stands beside it, where there is room. */
  readonly beside?: ReactNode;
}

const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }) => `${namespace}/${name}`;

/** What a service is called in lists, with what helps to choose it. */
export const serviceItem = (option: ServiceOption): ComboItem => ({
  value: keyOf(option),
  title: option.name,
  detail: option.namespace,
  keywords: option.team,
  end: option.seen.requestsPerSecond > 0 ? textOf(rate(option.seen.requestsPerSecond)) : "",
});

/** Services in groups for a list: one's own first. */
export function serviceGroups(services: readonly ServiceOption[]) {
  const mine = services.filter((option) => option.mine);
  const others = services.filter((option) => !option.mine);
  return [
    { heading: "Yours", items: mine.map(serviceItem) },
    { heading: mine.length === 0 ? "Services" : "Of other teams", items: others.map(serviceItem) },
  ];
}

/** The service that a path is about, and what is in force for it already. */
export function ServiceField({ form, label = "Service", layer7 = false, onChosen, beside }: ServiceFieldProps) {
  const { options, slug } = form;
  const { service } = form.draft;
  const chosen = serviceOf(options, service);
  const choose = (key: string) => {
    const option = options.services.find((candidate) => keyOf(candidate) === key);
    if (!option) {
      return;
    }
    form.set({ service: { namespace: option.namespace, name: option.name } });
    onChosen?.(option);
    const [only, ...more] = inForceOf(slug, option);
    if (!form.forward && only && more.length === 0) {
      form.fill(only.remove);
    }
  };
  const field = (
    <PathField
      name="service"
      label={label}
      error={service && !chosen ? `There is no service ${keyOf(service)}` : undefined}
      hint={
        chosen ? (
          <span>{hintOf(chosen)}</span>
        ) : (
          options.services.length === 0 && "There is no service yet. It comes with the first workload."
        )
      }
    >
      <Combo
        label={label}
        find="Find a service"
        nothing="No service has this name."
        groups={serviceGroups(options.services)}
        {...(service && { chosen: keyOf(service) })}
        onChoose={choose}
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
  );
  return (
    <>
      {beside ? (
        <div className="two">
          {field}
          {beside}
        </div>
      ) : (
        field
      )}
      {chosen && layer7 && form.forward && !chosen.waypoint && (
        <p className="in-force hint" data-testid="waypoint-comes">
          <Info className="ic" aria-hidden="true" />
          {chosen.namespace} has no waypoint yet: one comes with this change.
        </p>
      )}
      {chosen && <InForceNote form={form} entries={inForceOf(slug, chosen)} about={chosen.name} />}
    </>
  );
}

function hintOf({ team, namespace, seen }: ServiceOption): string {
  return [
    team === "" ? `In ${namespace}, owned by nobody` : `Owned by team ${team}`,
    seen.requestsPerSecond > 0 ? textOf(rate(seen.requestsPerSecond)) : "",
    seen.p99Ms > 0 ? `p99 ${textOf(milliseconds(seen.p99Ms))}` : "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}
