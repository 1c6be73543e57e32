"use client";

import { useState } from "react";
import type { ProblemConflict } from "@/server/contracts/errors.ts";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { plural } from "../ui/format.ts";
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
  readonly onOverwrite: () => void;
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
          <Button look="danger" onClick={onOverwrite}>
            Overwrite it
          </Button>
        </>
      }
    >
      {conflicts.map((conflict) => (
        <div key={conflict.resource} className="stack">
          <span className="mono xs">{conflict.resource}</span>
          <div className="two">
            <Version title="As it was expected" text={conflict.expected} other={conflict.live} look="del" />
            <Version title="As it is now" text={conflict.live} other={conflict.expected} look="add" />
          </div>
        </div>
      ))}
    </Dialog>
  );
}

interface VersionProps {
  readonly title: string;
  /** Empty when the object is absent. */
  readonly text: string;
  readonly other: string;
  readonly look: "add" | "del";
}

/** One of two versions; lines that the other one has not are marked. */
function Version({ title, text, other, look }: VersionProps) {
  const lines = text.trimEnd().split("\n");
  const others = new Set(other.trimEnd().split("\n"));
  return (
    <figure className="conflict">
      <figcaption className="cap">{title}</figcaption>
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <pre className="diff" tabIndex={0}>
        {text === "" ? (
          <span className="t3">There is none</span>
        ) : (
          lines.map((line, at) => {
            const own = !others.has(line);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text in their order
              <span key={at} className={own ? `line-of ${look}` : "line-of"}>
                {own && <span className="vh">differs: </span>}
                {line}
                {"\n"}
              </span>
            );
          })
        )}
      </pre>
    </figure>
  );
}
