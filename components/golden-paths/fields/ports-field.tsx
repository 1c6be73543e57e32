"use client";

import type { ServiceOption } from "../form/path-form.ts";
import { Chips } from "../inputs/chips.tsx";
import { PathField } from "./path-field.tsx";

interface PortsFieldProps {
  readonly service: ServiceOption | undefined;
  readonly ports: readonly (number | null)[];
  readonly onChange: (ports: number[]) => void;
}

/** Ports of the chosen service. */
export function PortsField({ service, ports, onChange }: PortsFieldProps) {
  const chosen = ports.filter((port) => port !== null);
  const all = [...new Set([...(service?.ports.map(({ port }) => port) ?? []), ...chosen])].sort((a, b) => a - b);
  return (
    <PathField name="ports" group label="Ports" hint={service && "As callers write them"}>
      <Chips
        chips={all.map((port) => ({
          value: String(port),
          detail: service?.ports.find((candidate) => candidate.port === port)?.name,
        }))}
        chosen={new Set(chosen.map(String))}
        onToggle={(port, on) =>
          onChange(on ? [...chosen, Number(port)] : chosen.filter((other) => String(other) !== port))
        }
        empty="Choose a service first"
      />
    </PathField>
  );
}
