"use client";

import { ListFilter } from "lucide-react";
import { useEffect, useRef } from "react";
import { isTyping } from "./keys.ts";

interface SearchBoxProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly width?: number;
}

/** A filter over what the page shows; `F` goes to it, Esc empties it. */
export function SearchBox({ label, placeholder, value, onChange, width = 230 }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);
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
    <label className="search" style={{ width }}>
      <ListFilter className="ic ic-14" aria-hidden="true" />
      <input
        ref={input}
        type="text"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            onChange("");
            event.currentTarget.blur();
          }
        }}
      />
      <span className="kbd" aria-hidden="true">
        F
      </span>
    </label>
  );
}
