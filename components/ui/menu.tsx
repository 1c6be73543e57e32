"use client";

import { Check, ChevronDown } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

/** A menu that opens below its trigger. */
export function Menu({
  trigger,
  children,
  align = "start",
}: {
  readonly trigger: ReactNode;
  readonly children: ReactNode;
  readonly align?: "start" | "end";
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align={align} sideOffset={5} collisionPadding={8}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({
  onSelect,
  children,
  disabled = false,
}: {
  readonly onSelect: () => void;
  readonly children: ReactNode;
  readonly disabled?: boolean;
}) {
  return (
    <DropdownMenu.Item className="menu-item" onSelect={onSelect} disabled={disabled}>
      {children}
    </DropdownMenu.Item>
  );
}

export const MenuSeparator = () => <DropdownMenu.Separator className="menu-sep" />;
export const MenuLabel = ({ children }: { readonly children: ReactNode }) => (
  <DropdownMenu.Label className="menu-label">{children}</DropdownMenu.Label>
);

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: ReactNode;
  /** Text at the end of the row. */
  readonly hint?: string;
}

/** Choices of which one holds, inside a menu. */
export function MenuChoices<T extends string>({
  value,
  choices,
  onChange,
}: {
  readonly value: T;
  readonly choices: readonly Choice<T>[];
  readonly onChange: (value: T) => void;
}) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      {choices.map((choice) => (
        <DropdownMenu.RadioItem key={choice.value} value={choice.value} className="menu-item">
          <span style={{ width: 14, flex: "none" }}>
            <DropdownMenu.ItemIndicator>
              <Check className="ic ic-14" aria-hidden="true" />
            </DropdownMenu.ItemIndicator>
          </span>
          {choice.label}
          {choice.hint && <span className="end">{choice.hint}</span>}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

interface PickProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly Choice<T>[];
  readonly onChange: (value: T) => void;
  /** No border, for toolbars. */
  readonly ghost?: boolean;
  readonly className?: string;
}

/** "Labels Rate ⌄": a labelled choice that opens a menu. */
export function Pick<T extends string>({ label, value, choices, onChange, ghost = false, className }: PickProps<T>) {
  const current = choices.find((choice) => choice.value === value);
  return (
    <Menu
      trigger={
        <button type="button" className={classNames("pick", ghost && "is-ghost", className)}>
          <span className="dim">{label}</span> {current?.label ?? value}
          <ChevronDown className="ic ic-14" aria-hidden="true" />
        </button>
      }
    >
      <MenuChoices value={value} choices={choices} onChange={onChange} />
    </Menu>
  );
}
