"use client";

import type { ChangeDetails, ChangeSummary } from "@/server/contracts/changes.ts";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import { ReceiptCard } from "../changes/receipt-card.tsx";
import { Button } from "../ui/button.tsx";
import { Note } from "../ui/states.tsx";
import { approversOf, buttonWords, footWords } from "./form/foot-words.ts";
import { ProofLine } from "./proof-line.tsx";

interface FormFootProps {
  readonly preview: Preview | undefined;
  /** The person may propose changes at all. */
  readonly mayPreview: boolean;
  /** What the form still lacks; empty when it is complete. */
  readonly lacks: string;
  /** The preview could not be made. */
  readonly failed: boolean;
  /** The same was sent and waits for somebody's word. */
  readonly waiting: boolean;
  readonly ready: boolean;
  readonly sending: boolean;
  readonly change: ChangeSummary | ChangeDetails | null;
  readonly onUndo: (undo: ChangeSummary) => void;
  /** Why sending failed. */
  readonly problem: string;
}

/** Stays in view: what became of the last change, and the button that names its effect, or why it cannot. */
export function FormFoot(props: FormFootProps) {
  const { preview, mayPreview, lacks, failed, waiting, ready, sending, change, onUndo, problem } = props;
  const asks = preview !== undefined && approversOf(preview) !== "";
  const dangerous = !asks && (preview?.impact.becomeDenied.count ?? 0) > 0;
  const says = () => {
    if (!mayPreview) {
      return "Needs the role of a developer or platform engineer.";
    }
    if (lacks !== "") {
      return lacks;
    }
    if (failed) {
      return "The portal does not answer. Without a preview nothing is sent; what you entered stays here.";
    }
    if (waiting) {
      return "It is sent. Change something to propose another one.";
    }
    return preview ? footWords(preview) : "Nothing happens before you press the button.";
  };
  return (
    <div className="form-foot">
      {change && <ReceiptCard change={change} onUndo={onUndo} />}
      {change && <ProofLine change={change} />}
      {problem !== "" && <Note tone="error">{problem}</Note>}
      <div className="acts">
        <Button
          type="submit"
          size="l"
          look={dangerous ? "danger" : "primary"}
          busy={sending}
          disabled={!ready}
          hint="⌘ ↵"
          data-testid="apply"
        >
          {sending ? "Sending" : buttonWords(preview)}
        </Button>
      </div>
      <p className="cap" data-testid="blocked-because" aria-live="polite">
        {says()}
      </p>
    </div>
  );
}
