"use client";

import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";

/** Words on hover and focus. Wrap something that can take focus. */
export function Tip({ text, children }: { readonly text: ReactNode; readonly children: ReactNode }) {
  return (
    <Tooltip.Root delayDuration={300}>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tip" sideOffset={6} collisionPadding={8}>
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

export const TipProvider = ({ children }: { readonly children: ReactNode }) => (
  <Tooltip.Provider>{children}</Tooltip.Provider>
);
