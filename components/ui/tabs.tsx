"use client";

import { Tabs as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { useScrolls } from "./use-scrolls.ts";

export interface Tab<T extends string> {
  readonly value: T;
  readonly label: string;
  /** Small figure beside the label. */
  readonly badge?: string;
  readonly warn?: boolean;
}

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  /** Stands at the end of the tab row. */
  readonly end?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** Tabs with their panels (`TabPanel`) as children; arrows move between tabs. */
export function Tabs<T extends string>({ label, tabs, value, onChange, end, className, children }: TabsProps<T>) {
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as T)} className={className ?? "tab-root"}>
      <div className="tabs">
        <Radix.List aria-label={label} className="tab-list">
          {tabs.map((tab) => (
            <Radix.Trigger key={tab.value} value={tab.value} className="tab">
              {tab.label}
              {tab.badge && <span className={tab.warn ? "n is-warn" : "n"}>{tab.badge}</span>}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {end && <span className="grow" />}
        {end}
      </div>
      {children}
    </Radix.Root>
  );
}

export function TabPanel({
  value,
  className,
  children,
}: {
  readonly value: string;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const scrolls = useScrolls(frame);
  return (
    <Radix.Content ref={frame} value={value} className={className} tabIndex={scrolls ? 0 : -1}>
      {children}
    </Radix.Content>
  );
}
