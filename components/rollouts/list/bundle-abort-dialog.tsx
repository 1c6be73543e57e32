"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type BundleDetails, bundleDetails } from "@/server/contracts/rollout-bundles.ts";
import { fetchJson } from "../../query/fetch-json.ts";
import { userMessageOf } from "../../query/portal-error.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Note } from "../../ui/states.tsx";
import { hasEnded, percent } from "../words/rollout-words.ts";

interface BundleAbortDialogProps {
  readonly bundle: BundleDetails;
  readonly onClose: () => void;
}

/** Asks before every release of a bundle is taken back, the completed ones too. */
export function BundleAbortDialog({ bundle, onClose }: BundleAbortDialogProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const reasonId = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const abort = async () => {
    setBusy(true);
    setError(null);
    try {
      const body = { reason: reason.trim() };
      await fetchJson(bundleDetails, endpoints.rolloutBundleAbort(bundle.id), { method: "POST", body });
      await client.invalidateQueries({ queryKey: ["rollouts"] });
      onClose();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Abort all of ${bundle.title}`}
      description="The calls go back to the old versions at once:"
      actions={
        <>
          <Button look="ghost" onClick={onClose}>
            Let them go on
          </Button>
          <Button
            look="danger-solid"
            busy={busy}
            disabled={busy}
            onClick={() => void abort()}
            data-testid="confirm-abort-bundle"
          >
            {busy ? "Sending" : "Abort all"}
          </Button>
        </>
      }
    >
      <ul className="stack">
        {bundle.rollouts.map(({ id, service, stable, canary, state, weight }) => (
          <li key={id}>
            <b className="med">{service.name}</b>: {backWords(state, weight, canary, stable)}
          </li>
        ))}
      </ul>
      <div className="field">
        <label htmlFor={reasonId}>
          Why <span className="opt">optional, kept with the releases</span>
        </label>
        <span className="input">
          <input
            id={reasonId}
            value={reason}
            maxLength={500}
            autoComplete="off"
            data-testid="bundle-abort-reason"
            onChange={(event) => setReason(event.target.value)}
          />
        </span>
      </div>
      {error !== null && <Note tone="error">{userMessageOf(error)}</Note>}
    </Dialog>
  );
}

function backWords(
  state: BundleDetails["rollouts"][number]["state"],
  weight: number,
  canary: string,
  stable: string,
): string {
  if (state === "completed") {
    return `all calls go from ${canary} back to ${stable}`;
  }
  if (hasEnded(state)) {
    return "is over already, nothing moves";
  }
  return weight > 0 ? `${percent(weight)} of the calls go from ${canary} back to ${stable}` : "will not begin";
}
