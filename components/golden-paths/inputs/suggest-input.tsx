"use client";

import { Popover } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import { classNames } from "../../ui/class-names.ts";
import { useControl } from "../fields/field.tsx";

/** Something that was seen, or is known, and could be meant. */
export interface Suggestion {
  readonly value: string;
  /** Stands at the end of its row: how often it was seen. */
  readonly detail?: ReactNode;
}

interface SuggestInputProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly suggestions: readonly Suggestion[];
  /** Names the list, and the field when no visible label points at it. */
  readonly label: string;
  readonly placeholder?: string;
  readonly before?: ReactNode;
  readonly testId?: string;
  /** Without a frame, inside of another control. */
  readonly bare?: boolean;
  /** Takes what stands in the field: Enter, a comma, or a suggestion. Leaves a plain text field when absent. */
  readonly onCommit?: (value: string) => void;
  readonly onBackspaceAtStart?: () => void;
}

const mostShown = 40;

/** Free text that knows what was seen: suggestions below, arrows move, Enter takes one, Escape closes. */
export function SuggestInput(props: SuggestInputProps) {
  const { value, onChange, suggestions, label, placeholder, before, testId, bare = false, onCommit } = props;
  const control = useControl();
  const listId = useId();
  const frame = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const wanted = value.trim().toLowerCase();
  const shown = suggestions
    .filter((suggestion) => suggestion.value.toLowerCase().includes(wanted) && suggestion.value !== value)
    .slice(0, mostShown);
  const isOpen = open && shown.length > 0;
  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const take = (taken: string) => {
    close();
    (onCommit ?? onChange)(taken);
  };
  const move = (by: 1 | -1) => {
    setOpen(true);
    setActive((now) => (now + by + shown.length + (now < 0 && by < 0 ? 1 : 0)) % Math.max(1, shown.length));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = isOpen ? shown[active] : undefined;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && shown.length > 0) {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && isOpen) {
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && !event.metaKey && !event.ctrlKey && (chosen || onCommit)) {
      event.preventDefault();
      take(chosen?.value ?? value);
    } else if (event.key === "," && onCommit && value !== "") {
      event.preventDefault();
      take(value);
    } else if (event.key === "Backspace" && value === "") {
      props.onBackspaceAtStart?.();
    }
  };
  const input = (
    <input
      {...control}
      type="text"
      role="combobox"
      className="mono"
      aria-label={label}
      aria-expanded={isOpen}
      aria-autocomplete="list"
      aria-controls={isOpen ? listId : undefined}
      aria-activedescendant={isOpen && active >= 0 ? `${listId}-${active}` : undefined}
      value={value}
      placeholder={placeholder}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      data-testid={testId}
      onChange={(event) => {
        onChange(event.target.value);
        setOpen(true);
        setActive(-1);
      }}
      onClick={() => setOpen(true)}
      onBlur={() => {
        close();
        if (onCommit && value.trim() !== "") {
          onCommit(value);
        }
      }}
      onKeyDown={onKeyDown}
    />
  );
  return (
    <Popover.Root open={isOpen} onOpenChange={(next) => !next && close()}>
      <Popover.Anchor asChild>
        <span ref={frame} className={bare ? "suggest is-bare" : "input suggest"}>
          {before}
          {input}
        </span>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          role="listbox"
          id={listId}
          aria-label={label}
          className="menu suggestions"
          align="start"
          sideOffset={5}
          collisionPadding={8}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => frame.current?.contains(event.target as Node) && event.preventDefault()}
        >
          {shown.map((suggestion, at) => (
            // The input keeps the focus and says which option is active, as WAI-ARIA has it for a combobox.
            // biome-ignore lint/a11y/useFocusableInteractive: see above
            // biome-ignore lint/a11y/useKeyWithClickEvents: see above
            <div
              key={suggestion.value}
              role="option"
              id={`${listId}-${at}`}
              aria-selected={at === active}
              className={classNames("suggestion", at === active && "is-active")}
              ref={(row) => {
                if (at === active) {
                  row?.scrollIntoView({ block: "nearest" });
                }
              }}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(suggestion.value)}
            >
              <span className="mono trunc">{suggestion.value}</span>
              {suggestion.detail && <span className="end tn">{suggestion.detail}</span>}
            </div>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
