"use client";

import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "../../ui/button.tsx";

/** Adds a row to a list of fields. */
export function AddButton({
  onClick,
  children,
  testId,
}: {
  readonly onClick: () => void;
  readonly children: ReactNode;
  readonly testId?: string;
}) {
  return (
    <Button look="ghost" size="s" icon={Plus} onClick={onClick} data-testid={testId} className="add-row">
      {children}
    </Button>
  );
}

/** Takes a row away; `label` says which. */
export function RemoveButton({ onClick, label }: { readonly onClick: () => void; readonly label: string }) {
  return <IconButton icon={X} label={label} size="m" onClick={onClick} />;
}
