"use client";

import type { ChangeDetails, ChangeSummary } from "@/server/contracts/changes.ts";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import { ReceiptCard } from "../changes/receipt-card.tsx";
import { Button } from "../ui/button.tsx";
import { Note } from "../ui/states.tsx";

interface FormFootProps {
  readonly preview: Preview | undefined;
  /** The person may propose changes at all. */
  readonly mayPreview: boolean;
  /** What the form still lacks; empty when it is complete. */
  readonly lacks: string;
  readonly ready: boolean;
  readonly sending: boolean;
  readonly change: ChangeSummary | ChangeDetails | null;
  readonly onUndo: (undo: ChangeSummary) => void;
  /** Why sending failed. */
  readonly problem: string;
}

/** Stays in view: what became of the last change, and the button that names its effect, or why it cannot. */
export function FormFoot({ preview, mayPreview, lacks, ready, sending, change, onUndo, problem }: FormFootProps) {
  const unchanged = preview?.findings.some((finding) => finding.code === "nothing-changes") ?? false;
  const blocking = preview?.findings.find((finding) => finding.level === "error");
  const says = mayPreview
    ? lacks || blockedWords(preview, unchanged, blocking?.message ?? "")
    : "Needs the role of a developer or platform engineer.";
  const dangerous = (preview?.impact.becomeDenied.count ?? 0) > 0;
  return (
    <div className="form-foot">
      {change && <ReceiptCard change={change} onUndo={onUndo} />}
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
          {sending ? "Sending" : (preview?.button ?? "Apply")}
        </Button>
      </div>
      <p className="cap" data-testid="blocked-because" aria-live="polite">
        {says}
      </p>
    </div>
  );
}

function blockedWords(preview: Preview | undefined, unchanged: boolean, blocking: string): string {
  if (!preview) {
    return "Nothing happens before you press the button.";
  }
  if (preview.applicable) {
    return preview.confirmWord === ""
      ? "Applied at once and verified on every proxy. You can undo it."
      : "Asks for a word first, because it shuts callers out. You can undo it.";
  }
  if (preview.blockedBecause !== "") {
    return preview.blockedBecause;
  }
  return unchanged ? "Nothing would change: it is already so." : blocking;
}
