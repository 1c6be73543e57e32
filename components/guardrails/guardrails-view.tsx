"use client";

import { toast } from "sonner";
import { PortalError, userMessageOf } from "../query/portal-error.ts";
import { useMe } from "../query/use-me.tsx";
import { Button, LinkButton } from "../ui/button.tsx";
import { Page, PageHead, Section } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { Note } from "../ui/states.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { AmountInput } from "./amount-input.tsx";
import { ConflictDialog } from "./conflict-dialog.tsx";
import { draftProblem } from "./draft.ts";
import { FreezeWindows } from "./freeze-windows.tsx";
import { PathRules } from "./path-rules.tsx";
import { useGuardrails } from "./use-guardrails.ts";

/** What platform engineers allow of golden paths, for whom and when. Everybody reads it. */
export function GuardrailsView() {
  const me = useMe();
  const { query, view, guardrails, changed, edit, discard, save, busy, error, clearError } = useGuardrails();
  const editable = view?.editable ?? false;
  const conflict = error instanceof PortalError && error.code === "conflict";
  const problem = guardrails ? draftProblem(guardrails) : "";
  const send = async (over: boolean) => {
    if (await save(over)) {
      toast("The guardrails are saved and hold from now on");
    }
  };
  return (
    <Page className="rails-page">
      <PageHead
        title="Guardrails"
        sub={
          view &&
          (view.changedBy && view.changedUnixMs !== null ? (
            <>
              set by {view.changedBy.name}, <TimeAgo at={view.changedUnixMs} />
            </>
          ) : (
            "nothing was set yet: what ownership allows is free"
          ))
        }
      >
        {me.capabilities.readAudit && <LinkButton href="/audit?action=settings-update">Who changed what</LinkButton>}
      </PageHead>
      {query.error && !view && <QueryFailure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingLine>Reading the guardrails</LoadingLine>}
      {view && guardrails && (
        <>
          {!editable && (
            <div style={{ padding: "0 var(--page-x) var(--s-3)" }}>
              <Note tone="info">Platform engineers set these. You see what holds for everybody.</Note>
            </div>
          )}
          <PathRules guardrails={guardrails} editable={editable} onChange={edit} />
          <FreezeWindows
            freezes={guardrails.freezes}
            editable={editable}
            onChange={(freezes) => edit({ ...guardrails, freezes })}
          />
          <Section className="block" title="Approval">
            <div className="row">
              <span>A change waits at most</span>
              {editable ? (
                <span style={{ width: 84 }}>
                  <AmountInput
                    kind="number"
                    label="Hours that a change waits for approval"
                    value={guardrails.approvalHours}
                    onChange={(hours) =>
                      hours !== null &&
                      edit({ ...guardrails, approvalHours: Math.min(720, Math.max(1, Math.round(hours))) })
                    }
                  />
                </span>
              ) : (
                <b className="med tn">{guardrails.approvalHours}</b>
              )}
              <span>hours for approval, then it ends without effect.</span>
            </div>
          </Section>
          {changed && (
            <div className="rails-foot" role="status">
              <Button
                look="primary"
                busy={busy}
                disabled={busy || problem !== ""}
                onClick={() => void send(false)}
                data-testid="save-guardrails"
              >
                {busy ? "Saving" : "Save for everybody"}
              </Button>
              <Button look="ghost" onClick={discard}>
                Discard
              </Button>
              <span className={problem === "" && (error === null || conflict) ? "cap" : "sm c-error"}>
                {problem !== ""
                  ? problem
                  : error !== null && !conflict
                    ? userMessageOf(error)
                    : "It holds at once, for everybody."}
              </span>
            </div>
          )}
        </>
      )}
      {conflict && (
        <ConflictDialog
          error={error}
          busy={busy}
          onClose={clearError}
          onTheirs={discard}
          onOverwrite={() => void send(true)}
        />
      )}
    </Page>
  );
}
