"use client";

import { X } from "lucide-react";
import { useState } from "react";
import { SuggestInput, type Suggestion } from "./suggest-input.tsx";

interface TokensInputProps {
  readonly values: readonly string[];
  readonly onChange: (values: string[]) => void;
  readonly label: string;
  readonly placeholder?: string;
  readonly suggestions?: readonly Suggestion[];
  readonly testId?: string;
  /** Turns what was typed into the value that is kept. */
  readonly normalise?: (text: string) => string;
}

const trimmed = (text: string): string => text.trim();

/** Several short texts: Enter or a comma adds one, Backspace takes the last one away. */
export function TokensInput(props: TokensInputProps) {
  const { values, onChange, label, placeholder, suggestions = [], testId, normalise = trimmed } = props;
  const [text, setText] = useState("");
  const remove = (value: string) => onChange(values.filter((other) => other !== value));
  const add = (typed: string) => {
    const value = normalise(typed);
    setText("");
    if (value !== "" && !values.includes(value)) {
      onChange([...values, value]);
    }
  };
  return (
    <div className="input is-tokens">
      {values.map((value) => (
        <span key={value} className="token mono">
          {value}
          <button type="button" className="token-x" aria-label={`Remove ${value}`} onClick={() => remove(value)}>
            <X className="ic" aria-hidden="true" />
          </button>
        </span>
      ))}
      <SuggestInput
        bare
        value={text}
        onChange={setText}
        label={label}
        suggestions={suggestions.filter(({ value }) => !values.includes(value))}
        {...(values.length === 0 && placeholder !== undefined && { placeholder })}
        {...(testId !== undefined && { testId })}
        onCommit={add}
        onBackspaceAtStart={() => onChange(values.slice(0, -1))}
      />
    </div>
  );
}
