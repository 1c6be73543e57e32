"use client";

import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { ActionOffer, RolloutDetails } from "@/server/contracts/rollouts.ts";
import { SelectInput } from "../../golden-paths/fields/select-input.tsx";
import { PortalError, userMessageOf } from "../../query/portal-error.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Note } from "../../ui/states.tsx";
import { damageWords } from "../words/rollout-words.ts";
import { demandWords, shareWords } from "../words/step-words.ts";
import { keepWords, takesBack } from "./action-looks.ts";
import { useRolloutAction } from "./use-rollout-action.ts";

interface ActionDialogProps {
  readonly details: RolloutDetails;
  readonly offer: ActionOffer;
  readonly onClose: () => void;
}

/** Asks once more, with the effect in requests per second, before a release is told what to do. */
export function ActionDialog({ details, offer, onClose }: ActionDialogProps) {
  const router = useRouter();
  const { act, busy, error } = useRolloutAction(details.id);
  const [reason, setReason] = useState("");
  const [step, setStep] = useState(details.step);
  // Steps go on while the question stands: what the person has read must be what is sent.
  const [read, setRead] = useState(offer.title);
  const reasonId = useId();
  const stepId = useId();
  const { action } = offer;
  const chosen = action === "restart" ? details.spec.steps[step] : undefined;
  const title = chosen ? `Restart from step ${step + 1}` : offer.title;
  const effect = chosen
    ? `${offer.steps[step] ?? offer.effect}; ${details.canary} is judged anew from there`
    : offer.effect;
  const moved = read !== offer.title;
  const conflict = error instanceof PortalError && error.code === "conflict";
  const confirm = async () => {
    const shown = await act({
      action,
      // Going back must never fail because the release moved on.
      revision: takesBack(action) ? null : details.revision,
      reason: reason.trim(),
      step: action === "restart" ? step : null,
    });
    if (shown === null) {
      return;
    }
    onClose();
    if (shown !== details.id) {
      router.push(`/rollouts/${shown}`);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${title}: ${details.canary} of ${details.service.name}`}
      description={
        <>
          <p data-testid="action-effect">{sentence(effect)}</p>
          {takesBack(action) && (
            <p style={{ marginTop: 6 }}>
              {damageWords(details)}. {action === "abort" && "It takes effect on the traffic at once."}
            </p>
          )}
        </>
      }
      actions={
        <>
          <Button look="ghost" onClick={onClose}>
            {keepWords(action, details)}
          </Button>
          <Button
            look={takesBack(action) ? "danger-solid" : "primary"}
            busy={busy}
            disabled={busy || !offer.allowed || moved}
            onClick={() => void confirm()}
            data-testid="confirm-action"
          >
            {busy ? "Sending" : title}
          </Button>
        </>
      }
    >
      {action === "restart" && (
        <div className="field">
          <label htmlFor={stepId}>Begin again with</label>
          <SelectInput
            id={stepId}
            placeholder=""
            value={String(step)}
            onChange={(value) => setStep(Number(value))}
            choices={details.spec.steps.map((one, at) => ({
              value: String(at),
              label: `Step ${at + 1}, ${shareWords(one)}`,
              detail: demandWords(one),
            }))}
          />
        </div>
      )}
      <div className="field">
        <label htmlFor={reasonId}>
          Why <span className="opt">optional, kept with the release</span>
        </label>
        <span className="input">
          <input
            id={reasonId}
            value={reason}
            maxLength={500}
            autoComplete="off"
            data-testid="action-reason"
            onChange={(event) => setReason(event.target.value)}
          />
        </span>
      </div>
      {!offer.allowed && error === null && <Note tone="warn">{offer.because}</Note>}
      {error !== null && (
        <Note tone={conflict ? "warn" : "error"}>
          {userMessageOf(error)}
          {conflict && " What stands above is what it would do now."}
        </Note>
      )}
      {moved && (
        <Note tone="warn">
          <div className="notice">
            <span className="grow">It moved on meanwhile. What stands above is what it would do now.</span>
            <Button size="s" onClick={() => setRead(offer.title)}>
              I have read it
            </Button>
          </div>
        </Note>
      )}
    </Dialog>
  );
}

/** Effects are written without capital and full stop, as they stand under a button. */
const sentence = (words: string): string =>
  words === "" ? "" : `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
