"use client";

import { CircleCheck, CircleX, Hourglass } from "lucide-react";
import { useState } from "react";
import type { Approval, ChangeDetails } from "@/server/contracts/changes.ts";
import { useMe } from "../query/use-me.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Countdown } from "../ui/countdown.tsx";
import { Section } from "../ui/page.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { effectOf, stillAsked, waitsForMe } from "./change-words.ts";
import { DecisionDialog } from "./decision-dialog.tsx";
import { useDecision } from "./use-decision.ts";

/** Who must agree to a change, what they said, and the word of the person who looks at it. */
export function Approvals({ change }: { readonly change: ChangeDetails }) {
  const me = useMe();
  if (change.approvals.length === 0) {
    return null;
  }
  const waiting = change.state === "waiting";
  return (
    <Section
      className="block"
      title="Approval"
      sub={
        waiting && change.expiresUnixMs !== null ? (
          <>
            ends without effect <Countdown until={change.expiresUnixMs} otherwise="any moment" />
          </>
        ) : undefined
      }
    >
      <ul className="stack" style={{ gap: 0 }} data-testid="approvals">
        {change.approvals.map((approval) => (
          <Asked key={approval.team} approval={approval} open={waiting} />
        ))}
      </ul>
      {waitsForMe(change) && <Decide change={change} />}
      {waiting && change.author.id === me.user.id && (
        <p className="cap" style={{ paddingTop: 6 }}>
          You proposed it, so somebody of {stillAsked(change.approvals)} decides. Nothing is changed before that.
        </p>
      )}
    </Section>
  );
}

function Asked({ approval, open }: { readonly approval: Approval; readonly open: boolean }) {
  const { team, title, namespaces, state, by, atUnixMs, comment } = approval;
  return (
    <li className="line" data-testid={`approval-${team}`} data-state={state}>
      <span className="line-mark">
        {state === "approved" ? (
          <Badge tone="ok" icon={CircleCheck}>
            Agrees
          </Badge>
        ) : state === "rejected" ? (
          <Badge tone="error" icon={CircleX}>
            Says no
          </Badge>
        ) : open ? (
          <Badge tone="info" icon={Hourglass}>
            Asked
          </Badge>
        ) : (
          <Badge>Not answered</Badge>
        )}
      </span>
      <span className="grow">
        <b className="med">{title}</b>
        {namespaces.length > 0 && namespaces.join() !== title && (
          <span className="t3"> for {namespaces.join(", ")}</span>
        )}
        {comment !== "" && (
          <span className="t2" style={{ display: "block", overflowWrap: "anywhere" }}>
            “{comment}”
          </span>
        )}
      </span>
      {by && atUnixMs !== null && (
        <span className="t2 sm">
          {by.name}, <TimeAgo at={atUnixMs} />
        </span>
      )}
    </li>
  );
}

function Decide({ change }: { readonly change: ChangeDetails }) {
  const [comment, setComment] = useState("");
  const [asking, setAsking] = useState<"approve" | "reject" | null>(null);
  const { decide, busy, error, clear } = useDecision(change);
  const others = change.approvals.filter(({ state, mine }) => state === "waiting" && !mine);
  const last = others.length === 0;
  const close = () => {
    clear();
    setAsking(null);
  };
  const confirm = async () => {
    if (asking !== null && (await decide(asking, comment))) {
      close();
    }
  };
  return (
    <form className="decide" aria-label="Your decision" onSubmit={(event) => event.preventDefault()}>
      <div className="field">
        <label htmlFor="decision-comment">
          Comment <span className="opt">optional, read by {change.author.name}</span>
        </label>
        <div className="input is-area">
          <textarea
            id="decision-comment"
            rows={2}
            maxLength={1000}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
        </div>
      </div>
      <div className="row wrap">
        <Button look="primary" data-testid="approve" onClick={() => setAsking("approve")}>
          {last ? "Approve and apply" : "Approve"}
        </Button>
        <Button look="danger" data-testid="reject" onClick={() => setAsking("reject")}>
          Reject
        </Button>
      </div>
      {asking === "approve" && (
        <DecisionDialog
          title={`Approve change ${change.number}`}
          effect={
            <>
              <p>{change.sentence}</p>
              <p style={{ marginTop: 8 }}>{effectOf(change.impact)}</p>
              <p style={{ marginTop: 8 }}>
                {last
                  ? "Yours is the last word that was missing: it is applied at once."
                  : `It is applied once ${stillAsked(others)} agrees too.`}
              </p>
            </>
          }
          act={last ? "Approve and apply" : "Approve"}
          danger={false}
          keep="Decide later"
          busy={busy}
          error={error}
          onClose={close}
          onConfirm={() => void confirm()}
        />
      )}
      {asking === "reject" && (
        <DecisionDialog
          title={`Reject change ${change.number}`}
          effect={
            <>
              Nothing is changed, and it cannot be approved any more. {change.author.name} sees your comment and can
              propose something else.
            </>
          }
          act="Reject"
          danger
          keep="Decide later"
          busy={busy}
          error={error}
          onClose={close}
          onConfirm={() => void confirm()}
        />
      )}
    </form>
  );
}
