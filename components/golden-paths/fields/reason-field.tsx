"use client";

import { useControl } from "./field.tsx";
import { PathField } from "./path-field.tsx";

interface ReasonFieldProps {
  readonly reason: string;
  readonly onChange: (reason: string) => void;
  /** Who must agree; empty when nobody must. */
  readonly approvers: string;
}

/** Why a change is made; read by those who approve it, and kept. */
export function ReasonField({ reason, onChange, approvers }: ReasonFieldProps) {
  return (
    <PathField
      name="reason"
      label="Why"
      optional={approvers === ""}
      hint={approvers === "" ? "Stands in the history and the audit" : `Read by ${approvers}, and kept in the history`}
    >
      <ReasonInput reason={reason} onChange={onChange} />
    </PathField>
  );
}

function ReasonInput({ reason, onChange }: Omit<ReasonFieldProps, "approvers">) {
  const control = useControl();
  return (
    <span className="input is-area">
      <textarea
        {...control}
        rows={2}
        maxLength={500}
        value={reason}
        data-testid="reason"
        onChange={(event) => onChange(event.target.value)}
      />
    </span>
  );
}
