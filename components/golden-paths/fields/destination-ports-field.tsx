"use client";

import type { Draft } from "../form/draft.ts";
import { NumberInput } from "../inputs/number-input.tsx";
import { AddButton, RemoveButton } from "../inputs/row-button.tsx";
import { PathField } from "./path-field.tsx";
import { SelectInput } from "./select-input.tsx";

type Ports = Draft<"allow-a-destination">["ports"];

interface DestinationPortsFieldProps {
  readonly ports: Ports;
  readonly onChange: (ports: Ports) => void;
}

const protocols = [
  { value: "TLS", label: "TLS", detail: "encrypted by the caller" },
  { value: "HTTP", label: "HTTP", detail: "in plain text" },
  { value: "TCP", label: "TCP", detail: "anything else" },
] as const;

const usual = { port: 443, protocol: "TLS" } as const;

/** Ports of a destination outside, each with what is spoken there. */
export function DestinationPortsField({ ports, onChange }: DestinationPortsFieldProps) {
  const put = (index: number, change: Partial<Ports[number]>) =>
    onChange(ports.map((entry, at) => (at === index ? { ...entry, ...change } : entry)));
  return (
    <PathField name="ports" group label="Ports">
      <div className="rows">
        {ports.map((entry, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a port is known by its place while it is typed
          <div className="row-fields is-port" key={index}>
            <NumberInput
              label={`Port ${index + 1}`}
              placeholder="443"
              min={1}
              max={65_535}
              value={entry.port}
              testId={`port-${index}`}
              onChange={(port) => put(index, { port })}
            />
            <SelectInput
              label={`What is spoken at port ${index + 1}`}
              placeholder=""
              value={entry.protocol}
              choices={protocols}
              onChange={(value) =>
                put(index, { protocol: protocols.find((option) => option.value === value)?.value ?? "TLS" })
              }
            />
            <RemoveButton
              label={`Remove port ${entry.port ?? index + 1}`}
              onClick={() => onChange(ports.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        {ports.length < 8 && (
          <AddButton
            testId="add-port"
            onClick={() => onChange([...ports, ports.length === 0 ? { ...usual } : { port: null, protocol: "TLS" }])}
          >
            {ports.length === 0 ? "Port 443, encrypted" : "Add a port"}
          </AddButton>
        )}
      </div>
    </PathField>
  );
}
