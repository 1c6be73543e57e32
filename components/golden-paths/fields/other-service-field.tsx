"use client";

import { ChevronDown } from "lucide-react";
import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { type ServiceOption, serviceOf } from "../form/path-form.ts";
import { Combo } from "../inputs/combo.tsx";
import { PathField } from "./path-field.tsx";
import { serviceGroups } from "./service-field.tsx";

interface OtherServiceFieldProps {
  readonly name: string;
  readonly label: string;
  readonly options: GoldenPathOptions;
  readonly service: ServiceRef | null;
  readonly onChosen: (service: ServiceOption) => void;
}

/** A service besides the one that the path is about. */
export function OtherServiceField({ name, label, options, service, onChosen }: OtherServiceFieldProps) {
  const key = service ? `${service.namespace}/${service.name}` : "";
  const unknown = service !== null && serviceOf(options, service) === undefined;
  return (
    <PathField name={name} label={label} error={unknown ? `There is no service ${key}` : undefined}>
      <Combo
        label={label}
        find="Find a service"
        nothing="No service has this name."
        groups={serviceGroups(options.services)}
        chosen={key}
        testId={`field-${name.replaceAll(".", "-")}`}
        onChoose={(value) => {
          const option = options.services.find((candidate) => `${candidate.namespace}/${candidate.name}` === value);
          if (option) {
            onChosen(option);
          }
        }}
      >
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
}
