"use client";

import { Check, ChevronDown } from "lucide-react";
import { Select } from "radix-ui";
import { useControl } from "./field.tsx";

interface SelectInputProps {
  /** Only where no field around it has one. */
  readonly id?: string;
  readonly testId?: string;
  /** Its name, when no visible label points at it. */
  readonly label?: string;
  readonly placeholder: string;
  /** Empty: nothing is chosen. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly choices: readonly {
    readonly value: string;
    readonly label: string;
    readonly detail?: string;
    readonly disabled?: boolean;
  }[];
}

/** One of a list; typing jumps to the entry. */
export function SelectInput({ id, testId, label, placeholder, value, onChange, choices }: SelectInputProps) {
  const control = useControl();
  const chosen = choices.find((choice) => choice.value === value);
  return (
    <Select.Root value={value} onValueChange={onChange}>
      <Select.Trigger
        {...control}
        {...(id !== undefined && { id })}
        className="input"
        data-testid={testId}
        aria-label={label}
      >
        <span className="grow trunc" style={{ textAlign: "left" }}>
          {chosen ? (
            <>
              {chosen.label} {chosen.detail && <span className="t3">{chosen.detail}</span>}
            </>
          ) : (
            <span className="t3">{value === "" ? placeholder : value}</span>
          )}
        </span>
        <ChevronDown className="ic ic-14 t3" aria-hidden="true" />
      </Select.Trigger>
      <Select.Portal>
        <Select.Content
          className="menu"
          position="popper"
          sideOffset={5}
          collisionPadding={8}
          style={{ minWidth: "var(--radix-select-trigger-width)" }}
        >
          <Select.Viewport>
            {choices.map((choice) => (
              <Select.Item
                key={choice.value}
                value={choice.value}
                disabled={choice.disabled ?? false}
                className="menu-item"
              >
                <span style={{ width: 14, flex: "none" }}>
                  <Select.ItemIndicator>
                    <Check className="ic ic-14" aria-hidden="true" />
                  </Select.ItemIndicator>
                </span>
                <Select.ItemText>{choice.label}</Select.ItemText>
                {choice.detail && <span className="end">{choice.detail}</span>}
              </Select.Item>
            ))}
          </Select.Viewport>
        </Select.Content>
      </Select.Portal>
    </Select.Root>
  );
}
