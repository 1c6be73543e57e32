"use client";

import type { PortalError } from "../query/portal-error.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";

interface ConflictDialogProps {
  readonly error: PortalError;
  readonly busy: boolean;
  readonly onClose: () => void;
  /** Takes what others saved; what was typed goes. */
  readonly onTheirs: () => void;
  readonly onOverwrite: () => void;
}

/** Somebody else saved meanwhile: both versions, and which of them stays. */
export function ConflictDialog({ error, busy, onClose, onTheirs, onOverwrite }: ConflictDialogProps) {
  const [versions] = error.problem?.conflicts ?? [];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Somebody else saved meanwhile"
      description={error.userMessage}
      actions={
        <>
          <Button look="ghost" onClick={onTheirs} data-testid="take-theirs">
            Take theirs, drop mine
          </Button>
          <Button look="danger-solid" busy={busy} disabled={busy} onClick={onOverwrite} data-testid="save-over">
            Save mine over theirs
          </Button>
        </>
      }
    >
      {versions && (
        <div className="stack">
          {(
            [
              ["Yours", versions.expected],
              ["Saved now", versions.live],
            ] as const
          ).map(([title, text]) => (
            <figure key={title} className="conflict">
              <figcaption className="cap">{title}</figcaption>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
              <pre tabIndex={0}>{text}</pre>
            </figure>
          ))}
        </div>
      )}
    </Dialog>
  );
}
