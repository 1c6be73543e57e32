"use client";

import type { ReactNode } from "react";
import { userMessageOf } from "../query/portal-error.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Note } from "../ui/states.tsx";

interface DecisionDialogProps {
  readonly title: string;
  /** What happens then. */
  readonly effect: ReactNode;
  /** The button that decides. */
  readonly act: string;
  readonly danger: boolean;
  /** The safe choice. */
  readonly keep: string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
  readonly children?: ReactNode;
}

/** Asks once more, with the effect, before a change goes through or is stopped. */
export function DecisionDialog({
  title,
  effect,
  act,
  danger,
  keep,
  busy,
  error,
  onClose,
  onConfirm,
  children,
}: DecisionDialogProps) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={effect}
      actions={
        <>
          <Button look="ghost" onClick={onClose}>
            {keep}
          </Button>
          <Button
            look={danger ? "danger-solid" : "primary"}
            busy={busy}
            disabled={busy}
            onClick={onConfirm}
            data-testid="confirm-decision"
          >
            {busy ? "Sending" : act}
          </Button>
        </>
      }
    >
      {children}
      {error !== null && <Note tone="error">{userMessageOf(error)}</Note>}
    </Dialog>
  );
}
