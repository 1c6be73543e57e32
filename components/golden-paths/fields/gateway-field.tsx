"use client";

import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { PathField } from "./path-field.tsx";
import { SelectInput } from "./select-input.tsx";

interface Place {
  readonly namespace: string;
  readonly name: string;
}

interface GatewayFieldProps {
  readonly options: GoldenPathOptions;
  readonly gateway: Place | null;
  readonly onChange: (gateway: Place) => void;
}

/** The gateway at which a host is served. */
export function GatewayField({ options, gateway, onChange }: GatewayFieldProps) {
  const key = gateway ? `${gateway.namespace}/${gateway.name}` : "";
  const chosen = options.gateways.find(({ namespace, name }) => `${namespace}/${name}` === key);
  return (
    <PathField
      name="gateway"
      label="Gateway"
      error={gateway && !chosen ? `There is no gateway ${key}` : undefined}
      warning={chosen && !chosen.ready && "It is not ready now. The host is served as soon as it is."}
      hint={
        chosen && (chosen.hosts.length === 0 ? "Serves no host yet" : `Serves ${chosen.hosts.slice(0, 3).join(", ")}`)
      }
    >
      <SelectInput
        placeholder={options.gateways.length === 0 ? "There is no gateway" : "Choose a gateway"}
        testId="field-gateway"
        value={key}
        onChange={(next) => {
          const [namespace = "", name = ""] = next.split("/");
          onChange({ namespace, name });
        }}
        choices={options.gateways.map(({ namespace, name, ready }) => ({
          value: `${namespace}/${name}`,
          label: name,
          detail: ready ? namespace : `${namespace}, not ready`,
        }))}
      />
    </PathField>
  );
}
