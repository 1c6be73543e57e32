"use client";

import { useState } from "react";
import type { ChangeSummary } from "@/server/contracts/changes.ts";
import { Button } from "../ui/button.tsx";
import { stillAsked } from "./change-words.ts";
import { DecisionDialog } from "./decision-dialog.tsx";
import { useDecision } from "./use-decision.ts";

/** Takes one's own proposal back while it waits. */
export function WithdrawButton({ change }: { readonly change: ChangeSummary }) {
  const [open, setOpen] = useState(false);
  const { decide, busy, error, clear } = useDecision(change);
  const close = () => {
    clear();
    setOpen(false);
  };
  const withdraw = async () => {
    if (await decide("withdraw", "")) {
      close();
    }
  };
  return (
    <>
      <Button look="danger" onClick={() => setOpen(true)} data-testid="withdraw">
        Withdraw
      </Button>
      {open && (
        <DecisionDialog
          title={`Withdraw change ${change.number}`}
          effect={`${stillAsked(change.approvals)} is no longer asked, and nothing is changed. The form can be opened again with these values.`}
          act="Withdraw it"
          danger
          keep="Keep waiting"
          busy={busy}
          error={error}
          onClose={close}
          onConfirm={() => void withdraw()}
        />
      )}
    </>
  );
}
