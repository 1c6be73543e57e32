"use client";

import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { changeSummary } from "@/server/contracts/changes.ts";
import type { DriftItem } from "@/server/contracts/drift.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { fetchJson } from "../query/fetch-json.ts";
import { PortalError, userMessageOf } from "../query/portal-error.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Note } from "../ui/states.tsx";
import { nameOf, putBackBlocked } from "./drift-words.ts";

type Way = "put-back" | "take-over";

const addresses: Readonly<Record<Way, string>> = {
  "put-back": endpoints.driftPutBack,
  "take-over": endpoints.driftTakeOver,
};

/** The two ways out: write again what the form says, or make the edit the form's values. Each is a change of its own. */
export function DriftActions({ item }: { readonly item: DriftItem }) {
  const router = useRouter();
  const [way, setWay] = useState<Way | null>(null);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const openedUnixMs = useRef(0);
  const blocked = putBackBlocked(item);
  const ask = (next: Way) => {
    openedUnixMs.current = Date.now();
    setError(null);
    setWay(next);
  };
  const act = async () => {
    if (way === null) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const started = await fetchJson(changeSummary, addresses[way], {
        method: "POST",
        body: { resource: item.resource, live: item.live, openedUnixMs: openedUnixMs.current, reason },
      });
      router.push(`/changes/${started.id}`);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  const moved = error instanceof PortalError && error.code === "conflict";
  return (
    <>
      <div className="row wrap">
        <Button disabled={blocked !== ""} onClick={() => ask("put-back")} data-testid="put-back">
          Put back
        </Button>
        <Button
          disabled={blocked !== "" || item.takeOverBlocked !== ""}
          onClick={() => ask("take-over")}
          data-testid="take-over"
        >
          Take over
        </Button>
        {blocked !== "" ? (
          <span className="cap">{blocked}</span>
        ) : item.takeOverBlocked !== "" ? (
          <span className="cap" data-testid="take-over-blocked">
            {item.takeOverBlocked}
          </span>
        ) : (
          item.takeOver !== "" && <span className="cap">Taking over means: {item.takeOver}</span>
        )}
      </div>
      <Dialog
        open={way !== null}
        onOpenChange={(open) => !open && setWay(null)}
        title={way === "take-over" ? `Take over ${item.resource.name}` : `Put ${item.resource.name} back`}
        description={
          way === "take-over" ? (
            <>What is live stays, and becomes what the form says: {item.takeOver}. Traffic goes on as it does now.</>
          ) : (
            <>
              Writes {nameOf(item)} again as the form says, at once. Now: {item.effect}
            </>
          )
        }
        actions={
          <>
            <Button look="ghost" onClick={() => setWay(null)}>
              Leave it for now
            </Button>
            <Button
              look={way === "take-over" ? "primary" : "danger-solid"}
              busy={busy}
              disabled={busy}
              onClick={() => void act()}
              data-testid="confirm-drift"
            >
              {busy ? "Starting" : way === "take-over" ? "Take over" : "Put back"}
            </Button>
          </>
        }
      >
        <div className="field">
          <label htmlFor="drift-reason">
            Why <span className="opt">optional</span>
          </label>
          <div className="input">
            <input
              id="drift-reason"
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </div>
        </div>
        {error !== null && <Note tone={moved ? "warn" : "error"}>{userMessageOf(error)}</Note>}
      </Dialog>
    </>
  );
}
