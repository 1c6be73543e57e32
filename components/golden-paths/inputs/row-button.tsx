"use client";

import { Plus, X } from "lucide-react";
import type { MouseEvent, ReactNode } from "react";
import { flushSync } from "react-dom";
import { Button, IconButton } from "../../ui/button.tsx";

const typedInto = "input:not([type=hidden]), textarea, [role=combobox]";

/** Adds a row to a list of fields; whoever added it goes on typing in its first field. */
export function AddButton({
  onClick,
  children,
  testId,
}: {
  readonly onClick: () => void;
  readonly children: ReactNode;
  readonly testId?: string;
}) {
  const add = ({ currentTarget }: MouseEvent<HTMLButtonElement>): void => {
    const form = currentTarget.closest("form") ?? document.body;
    const before = new Set(form.querySelectorAll(typedInto));
    flushSync(onClick);
    for (const field of form.querySelectorAll<HTMLElement>(typedInto)) {
      if (!before.has(field)) {
        field.focus();
        return;
      }
    }
  };
  return (
    <Button look="ghost" size="s" icon={Plus} onClick={add} data-testid={testId} className="add-row">
      {children}
    </Button>
  );
}

/** Takes a row away; `label` says which. */
export function RemoveButton({ onClick, label }: { readonly onClick: () => void; readonly label: string }) {
  return <IconButton icon={X} label={label} size="m" onClick={onClick} />;
}
