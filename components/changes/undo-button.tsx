"use client";

import { Undo2 } from "lucide-react";
import { useRef, useState } from "react";
import { type ChangeSummary, changeSummary } from "@/server/contracts/changes.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { fetchJson } from "../query/fetch-json.ts";
import { PortalError, userMessageOf } from "../query/portal-error.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Note } from "../ui/states.tsx";
import { TwoVersions } from "../ui/two-versions.tsx";

interface UndoButtonProps {
  readonly change: ChangeSummary;
  /** Follow the change that takes it back. */
  readonly onStarted: (undo: ChangeSummary) => void;
  readonly size?: "s" | "m";
}

/** Takes a change back after asking; itself a change. When it cannot be undone the button says why. */
export function UndoButton({ change, onStarted, size = "s" }: UndoButtonProps) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const openedUnixMs = useRef(0);
  const shown = error instanceof PortalError && error.code === "conflict" ? error.problem : undefined;
  const conflict = shown?.etag !== undefined;
  const undo = async () => {
    setBusy(true);
    setError(null);
    try {
      const started = await fetchJson(changeSummary, endpoints.changeUndo(change.id), {
        method: "POST",
        body: { openedUnixMs: openedUnixMs.current, reason: "", force: conflict, etag: shown?.etag ?? "" },
      });
      setOpen(false);
      onStarted(started);
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button
        size={size}
        icon={Undo2}
        disabled={!change.undoable}
        title={change.undoable ? "Put back what was before" : change.undoBlockedBecause}
        data-testid={`undo-${change.number}`}
        onClick={() => {
          openedUnixMs.current = Date.now();
          setError(null);
          setOpen(true);
        }}
      >
        Undo
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Undo change ${change.number}`}
        description={
          <>
            Puts back what was there before “{change.title}”, and verifies it. Traffic that this change let in or cut
            off goes back to what it was.
          </>
        }
        actions={
          <>
            <Button look="ghost" onClick={() => setOpen(false)}>
              Keep the change
            </Button>
            <Button
              look="danger-solid"
              busy={busy}
              disabled={busy}
              onClick={() => void undo()}
              data-testid="confirm-undo"
            >
              {busy ? "Starting" : conflict ? "Undo all the same" : `Undo change ${change.number}`}
            </Button>
          </>
        }
      >
        {error !== null && <Note tone={conflict ? "warn" : "error"}>{userMessageOf(error)}</Note>}
        {shown?.conflicts?.map((one) => (
          <TwoVersions key={one.resource} of={one} liveTitle="As it is now" />
        ))}
      </Dialog>
    </>
  );
}
