"use client";

import type { Draft } from "../form/draft.ts";
import { NumberInput } from "../inputs/number-input.tsx";
import { Rows } from "../inputs/rows.tsx";
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

const usualPort = 443;

/** Ports of a destination outside, each with what is spoken there. */
export function DestinationPortsField({ ports, onChange }: DestinationPortsFieldProps) {
  return (
    <PathField name="ports" group label="Ports">
      <Rows
        entries={ports}
        onChange={onChange}
        fresh={(): Ports[number] => ({ port: ports.length === 0 ? usualPort : null, protocol: "TLS" })}
        max={8}
        add={ports.length === 0 ? "Port 443, encrypted" : "Add a port"}
        addTestId="add-port"
        look="is-port"
        nameOf={({ port }, index) => `port ${port ?? index + 1}`}
      >
        {(entry, put, index) => (
          <>
            <NumberInput
              label={`Port ${index + 1}`}
              placeholder="443"
              min={1}
              max={65_535}
              value={entry.port}
              testId={`port-${index}`}
              onChange={(port) => put({ port })}
            />
            <SelectInput
              label={`What is spoken at port ${index + 1}`}
              placeholder=""
              value={entry.protocol}
              choices={protocols}
              onChange={(value) =>
                put({ protocol: protocols.find((option) => option.value === value)?.value ?? "TLS" })
              }
            />
          </>
        )}
      </Rows>
    </PathField>
  );
}
