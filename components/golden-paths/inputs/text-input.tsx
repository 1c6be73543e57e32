"use client";

import type { ReactNode } from "react";
import { classNames } from "../../ui/class-names.ts";
import { useControl } from "../fields/field.tsx";

interface TextInputProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  /** Its name, when no visible label points at it. */
  readonly label?: string;
  readonly mono?: boolean;
  /** What stands before and after the text, inside the frame. */
  readonly before?: ReactNode;
  readonly after?: ReactNode;
  readonly testId?: string;
  readonly type?: "text" | "datetime-local";
}

/** One line of text. */
export function TextInput(props: TextInputProps) {
  const { value, onChange, placeholder, label, mono = false, before, after, testId, type = "text" } = props;
  const control = useControl();
  return (
    <span className="input">
      {before}
      <input
        {...control}
        type={type}
        className={classNames(mono && "mono")}
        value={value}
        placeholder={placeholder}
        aria-label={label}
        autoComplete="off"
        spellCheck={false}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
      />
      {after}
    </span>
  );
}
