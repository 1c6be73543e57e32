"use client";

import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import type { FormState } from "../form-state.ts";
import { Field } from "./field.tsx";

interface PortsFieldProps {
  readonly options: GoldenPathOptions;
  readonly form: FormState;
  readonly set: (change: Partial<FormState>) => void;
  readonly error: string | undefined;
}

/** Ports of the chosen service. */
export function PortsField({ options, form, set, error }: PortsFieldProps) {
  const service = options.services.find(
    (option) => option.namespace === form.service?.namespace && option.name === form.service.name,
  );
  const ports = [...new Set([...(service?.ports.map((port) => port.port) ?? []), ...form.ports])].sort((a, b) => a - b);
  return (
    <Field
      group
      label="Ports"
      error={error}
      hint="As callers write them; the pod's own number is filled in where it differs"
    >
      <div className="checks">
        {ports.map((port) => {
          const on = form.ports.includes(port);
          const name = service?.ports.find((candidate) => candidate.port === port)?.name ?? "";
          return (
            <label key={port} className={on ? "check is-on" : "check"}>
              <input
                type="checkbox"
                className="vh"
                checked={on}
                onChange={(event) =>
                  set({
                    ports: event.target.checked ? [...form.ports, port] : form.ports.filter((other) => other !== port),
                  })
                }
              />
              {port} {name !== "" && <span className="t3">{name}</span>}
            </label>
          );
        })}
        {ports.length === 0 && <span className="cap">Choose a service first</span>}
      </div>
    </Field>
  );
}
