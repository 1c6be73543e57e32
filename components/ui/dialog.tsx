"use client";

import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** The act. */
  readonly title: string;
  /** The effect, in requests where there are figures. */
  readonly description: ReactNode;
  readonly children?: ReactNode;
  /** Buttons, safe choice first. */
  readonly actions: ReactNode;
}

/** A question that must be answered. Esc and a click beside it are the safe choice. */
export function Dialog({ open, onOpenChange, title, description, children, actions }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="scrim" />
        <Radix.Content className="dialog">
          <Radix.Title asChild>
            <h2>{title}</h2>
          </Radix.Title>
          <div className="body">
            <Radix.Description asChild>
              <div>{description}</div>
            </Radix.Description>
            {children}
          </div>
          <div className="foot">{actions}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
