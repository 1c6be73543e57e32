"use client";

import { useState } from "react";
import type { ProblemConflict } from "@/server/contracts/errors.ts";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { plural } from "../ui/format.ts";
import { TwoVersions } from "../ui/two-versions.tsx";
import { approversOf, buttonWords } from "./form/foot-words.ts";

interface ConfirmDialogProps {
  readonly preview: Preview;
  readonly onClose: () => void;
  readonly onConfirm: (word: string) => void;
}

/** Asks for the word when callers would be cut off. */
export function ConfirmDialog({ preview, onClose, onConfirm }: ConfirmDialogProps) {
  const [word, setWord] = useState("");
  const right = word.trim() === preview.confirmWord;
  const { becomeDenied } = preview.impact;
  const words = buttonWords(preview);
  const when = approversOf(preview) === "" ? "from now on" : "once it is approved";
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words}
      description={
        becomeDenied.count > 0
          ? `${preview.sentence} ${plural(becomeDenied.callers, "caller")} that sent ${plural(becomeDenied.count, "request")} in the observed time would be refused ${when}.`
          : preview.sentence
      }
      actions={
        <>
          <Button look="ghost" onClick={onClose}>
            Keep it as it is
          </Button>
          <Button
            look={becomeDenied.count > 0 ? "danger-solid" : "primary"}
            disabled={!right}
            onClick={() => onConfirm(word.trim())}
            data-testid="confirm-apply"
          >
            {words}
          </Button>
        </>
      }
    >
      <form
        className="field"
        onSubmit={(event) => {
          event.preventDefault();
          if (right) {
            onConfirm(word.trim());
          }
        }}
      >
        <label htmlFor="confirm-word">
          Type <b className="mono">{preview.confirmWord}</b> to go on
        </label>
        <span className="input">
          <input
            id="confirm-word"
            className="mono"
            value={word}
            autoComplete="off"
            spellCheck={false}
            data-testid="confirm-word"
            onChange={(event) => setWord(event.target.value)}
          />
        </span>
      </form>
    </Dialog>
  );
}

interface ConflictDialogProps {
  readonly conflicts: readonly ProblemConflict[];
  readonly message: string;
  readonly onClose: () => void;
  /** Undefined: nothing could be shown, so nothing can be overwritten knowingly. */
  readonly onOverwrite: (() => void) | undefined;
}

/** Somebody else changed what this change would write: both versions, and the choice. */
export function ConflictDialog({ conflicts, message, onClose, onOverwrite }: ConflictDialogProps) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Somebody changed it meanwhile"
      description={message}
      actions={
        <>
          <Button look="primary" onClick={onClose}>
            Look at the new preview
          </Button>
          {onOverwrite && (
            <Button look="danger" onClick={onOverwrite}>
              Overwrite it
            </Button>
          )}
        </>
      }
    >
      {conflicts.map((conflict) => (
        <TwoVersions key={conflict.resource} of={conflict} liveTitle="As it is now" />
      ))}
    </Dialog>
  );
}
