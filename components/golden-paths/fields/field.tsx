import { CircleX, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

interface FieldProps {
  readonly label: string;
  readonly id?: string;
  readonly optional?: boolean;
  /** One line of help; replaced by a warning or an error. */
  readonly hint?: ReactNode;
  readonly warning?: ReactNode;
  readonly error?: string | undefined;
  /** Several controls under one label. */
  readonly group?: boolean;
  readonly children: ReactNode;
}

/** A labelled control with one line below it. An error blocks, a warning does not. */
export function Field({ label, id, optional = false, hint, warning, error, group = false, children }: FieldProps) {
  const words = (
    <>
      {label} {optional && <span className="opt">optional</span>}
    </>
  );
  return (
    <div className="field" {...(group && { role: "group", "aria-label": label })}>
      {group ? <span className="label">{words}</span> : <label htmlFor={id}>{words}</label>}
      {children}
      {error ? (
        <p className="hint is-error" role="alert">
          <CircleX className="ic" aria-hidden="true" />
          {error}
        </p>
      ) : warning ? (
        <div className="hint is-warn">
          <TriangleAlert className="ic" aria-hidden="true" />
          <div>{warning}</div>
        </div>
      ) : (
        hint && <div className="hint">{hint}</div>
      )}
    </div>
  );
}
