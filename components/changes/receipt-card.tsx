"use client";

import { CircleCheck, CircleX, Hourglass, Undo2 } from "lucide-react";
import type { ChangeDetails, ChangeSummary } from "@/server/contracts/changes.ts";
import { AppLink } from "../ui/app-link.tsx";
import { duration } from "../ui/format.ts";
import { isMoving, standing } from "./change-words.ts";
import { UndoButton } from "./undo-button.tsx";

interface ReceiptCardProps {
  readonly change: ChangeSummary | ChangeDetails;
  readonly onUndo: (undo: ChangeSummary) => void;
}

/** What became of a change: progress while it spreads, then the receipt with its undo. Read out when it moves. */
export function ReceiptCard({ change, onUndo }: ReceiptCardProps) {
  const { receipt, state } = change;
  const running = isMoving(state);
  const unapplied = state === "waiting" || state === "rejected" || state === "withdrawn" || state === "expired";
  const done = state === "verified" || state === "undone";
  const newest = "events" in change ? change.events.at(-1)?.text : undefined;
  return (
    <div className="receipt" role="status" aria-live="polite" data-testid="receipt" data-state={state}>
      {running && <span className="spin c-accent" style={{ margin: 2 }} aria-hidden="true" />}
      {done && <CircleCheck className="ic c-ok" aria-hidden="true" />}
      {(state === "failed" || state === "rejected") && <CircleX className="ic c-error" aria-hidden="true" />}
      {state === "waiting" && <Hourglass className="ic c-info" aria-hidden="true" />}
      {(state === "withdrawn" || state === "expired") && <Undo2 className="ic t3" aria-hidden="true" />}
      <div className="grow">
        <p className="med" data-testid="receipt-message">
          {done && (receipt?.message ?? "Done")}
          {running && (receipt?.message ?? newest ?? "Applying")}
          {state === "failed" && "It could not be applied"}
          {unapplied && standing(change)}
        </p>
        <p className="cap">
          {state === "waiting" && "Nothing is changed before that."}
          {state === "failed" ? change.failure : running && receipt ? (newest ?? "waiting for the rest") : null}{" "}
          <AppLink className="link" href={`/changes/${change.id}`}>
            change {change.number}
          </AppLink>
          {change.leadTimeMs !== null && <>, {duration(change.leadTimeMs)} after you opened the form</>}
        </p>
      </div>
      {done && !change.undoOf && <UndoButton change={change} onStarted={onUndo} />}
    </div>
  );
}
