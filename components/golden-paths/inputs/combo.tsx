"use client";

import { Command } from "cmdk";
import { Check } from "lucide-react";
import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";
import { useControl } from "../fields/field.tsx";

/** One entry of a list that can be searched. */
export interface ComboItem {
  readonly value: string;
  readonly title: string;
  /** Stands dimmed beside the title; searched too. */
  readonly detail?: string;
  readonly end?: ReactNode;
  /** Other words that find it. */
  readonly keywords?: string;
  readonly denied?: boolean;
}

/** Entries under one heading. */
export interface ComboGroup {
  readonly heading: string;
  readonly items: readonly ComboItem[];
}

interface ComboProps {
  /** Names the list. */
  readonly label: string;
  readonly find: string;
  readonly nothing: string;
  readonly groups: readonly ComboGroup[];
  readonly chosen?: string;
  readonly onChoose: (value: string) => void;
  /** What the button that opens it shows. */
  readonly children: ReactNode;
  readonly className?: string;
  readonly testId?: string;
}

/** Every word that was typed must occur somewhere. */
function matches(value: string, search: string, keywords: readonly string[] = []): number {
  const text = `${value} ${keywords.join(" ")}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
    ? 1
    : 0;
}

/** A list with search behind a button: type to find, arrows move, Enter takes, Escape closes. */
export function Combo(props: ComboProps) {
  const { label, find, nothing, groups, chosen, onChoose, children, className = "input", testId } = props;
  const [open, setOpen] = useState(false);
  const control = useControl();
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger {...control} className={className} data-testid={testId}>
        {children}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content aria-label={label} className="menu combo" align="start" sideOffset={6} collisionPadding={8}>
          <Command label={label} loop filter={matches} {...(chosen !== undefined && { defaultValue: chosen })}>
            <Command.Input className="combo-input" placeholder={find} />
            <Command.List>
              <Command.Empty>{nothing}</Command.Empty>
              {groups
                .filter(({ items }) => items.length > 0)
                .map((group) => (
                  <Command.Group key={group.heading} heading={group.heading}>
                    {group.items.map((item) => (
                      <Command.Item
                        key={item.value}
                        value={item.value}
                        keywords={[item.title, item.detail ?? "", item.keywords ?? ""]}
                        onSelect={() => {
                          setOpen(false);
                          onChoose(item.value);
                        }}
                      >
                        <b className="med trunc">{item.title}</b>{" "}
                        {item.detail && <span className="t3 trunc">{item.detail}</span>}
                        {item.end && <span className={item.denied ? "end tn c-denied" : "end tn"}>{item.end}</span>}
                        {item.value === chosen && <Check className="ic ic-14 end" aria-label="chosen" />}
                      </Command.Item>
                    ))}
                  </Command.Group>
                ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
