"use client";

import { CircleX, TriangleAlert } from "lucide-react";
import { createContext, type ReactNode, use, useId, useMemo } from "react";

interface FieldProps {
  readonly label: string;
  readonly id?: string;
  readonly optional?: boolean;
  /** One line of help; replaced by a warning or an error. */
  readonly hint?: ReactNode;
  readonly warning?: ReactNode;
  readonly error?: ReactNode;
  /** Several controls under one label. */
  readonly group?: boolean;
  readonly children: ReactNode;
}

/** What a control takes from the field around it, so that both are read out together. */
interface ControlAttributes {
  readonly id?: string;
  readonly "aria-describedby"?: string;
  readonly "aria-invalid"?: true;
}

const ControlContext = createContext<ControlAttributes>({});

/** Attributes of the control inside a `Field`; nothing outside of one. */
export const useControl = (): ControlAttributes => use(ControlContext);

/** A labelled control with one line below it. An error blocks, a warning does not. */
export function Field({ label, id, optional = false, hint, warning, error, group = false, children }: FieldProps) {
  const noteId = useId();
  const wrong = Boolean(error);
  const noted = Boolean(error || warning || hint);
  const control = useMemo<ControlAttributes>(
    () => ({
      ...(!group && id !== undefined && { id }),
      ...(noted && { "aria-describedby": noteId }),
      ...(wrong && { "aria-invalid": true }),
    }),
    [group, id, noted, noteId, wrong],
  );
  const words = (
    <>
      {label} {optional && <span className="opt">optional</span>}
    </>
  );
  const look = error ? "field is-wrong" : warning ? "field is-doubtful" : "field";
  return (
    <div
      className={look}
      {...(group && { role: "group", "aria-label": label, ...(noted && { "aria-describedby": noteId }) })}
    >
      {group ? <span className="label">{words}</span> : <label htmlFor={id}>{words}</label>}
      <ControlContext value={control}>{children}</ControlContext>
      {error ? (
        <div className="hint is-error" role="alert" id={noteId}>
          <CircleX className="ic" aria-hidden="true" />
          <div>{error}</div>
        </div>
      ) : warning ? (
        <div className="hint is-warn" id={noteId}>
          <TriangleAlert className="ic" aria-hidden="true" />
          <div>{warning}</div>
        </div>
      ) : (
        hint && (
          <div className="hint" id={noteId}>
            {hint}
          </div>
        )
      )}
    </div>
  );
}
