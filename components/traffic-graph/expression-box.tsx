"use client";

import { ListFilter } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { classNames } from "../ui/class-names.ts";
import { isTyping } from "../ui/keys.ts";
import { parseExpression } from "./graph-expression.ts";

/** Pause after the last key before the picture follows, in ms. */
const settleMs = 200;

interface ExpressionBoxProps {
  readonly value: string;
  readonly mode: "find" | "hide";
  readonly onChange: (mode: "find" | "hide", value: string) => void;
}

/** Find or hide by expression. `F` goes here; a mistake is explained below without taking the last good picture away. */
export function ExpressionBox({ value, mode, onChange }: ExpressionBoxProps) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const parsed = parseExpression(text);
  const latest = useRef(onChange);
  latest.current = onChange;

  useEffect(() => {
    const timer = setTimeout(() => {
      if (parseExpression(text).ok) {
        latest.current(mode, text.trim());
      }
    }, settleMs);
    return () => clearTimeout(timer);
  }, [text, mode]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "f" && !isTyping(event) && !event.metaKey && !event.ctrlKey && !event.altKey) {
        event.preventDefault();
        input.current?.focus();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  return (
    <>
      <div className={classNames("search hide-narrow", !parsed.ok && "is-bad")}>
        <ListFilter className="ic ic-14" aria-hidden="true" />
        <input
          ref={input}
          type="text"
          className="mono"
          aria-label={mode === "find" ? "Find by expression" : "Hide by expression"}
          placeholder={mode === "find" ? "Find: !mtls, error% > 1" : "Hide: namespace = default"}
          value={text}
          spellCheck={false}
          autoComplete="off"
          aria-invalid={!parsed.ok}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") {
              event.preventDefault();
              setText("");
              event.currentTarget.blur();
            }
          }}
        />
        <button
          type="button"
          className="kbd"
          title={mode === "find" ? "Hide what matches instead" : "Find what matches instead"}
          onClick={() => onChange(mode === "find" ? "hide" : "find", text.trim())}
        >
          {mode}
        </button>
      </div>
      {!parsed.ok && (
        <div className="tip problem" role="status">
          {parsed.message}
        </div>
      )}
    </>
  );
}
