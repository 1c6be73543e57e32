"use client";

import { CircleAlert, CircleCheck, CircleX, Info, TriangleAlert, Undo2 } from "lucide-react";
import type { RolloutAction, RolloutDetails } from "@/server/contracts/rollouts.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { duration } from "../../ui/format.ts";
import { Note } from "../../ui/states.tsx";
import { TimeAgo, useNow } from "../../ui/time-ago.tsx";
import { holdText } from "../words/hold-words.ts";
import { damageWords } from "../words/rollout-words.ts";
import { answeringWords, backWords } from "./answering-words.ts";
import { WaitingNote } from "./waiting-note.tsx";

interface NoticesProps {
  readonly details: RolloutDetails;
  readonly onAsk: (action: RolloutAction) => void;
}

/** What stands in the way of a release, or how it ended, with the next step. */
export function RolloutNotices({ details, onAsk }: NoticesProps) {
  const parts = [
    <Outcome key="outcome" details={details} />,
    <WaitingNote key="waiting" details={details} />,
    <Hold key="hold" details={details} onAsk={onAsk} />,
  ];
  return <div className="notices">{parts}</div>;
}

const icons = { info: Info, warn: TriangleAlert, error: CircleAlert } as const;

function Hold({ details, onAsk }: NoticesProps) {
  const { hold, holding, actions, drift } = details;
  const text = holdText(details, useNow());
  if (text === null) {
    return null;
  }
  const { title, next, tone, see } = text;
  const offer = actions.find(({ action }) => action === holding?.act);
  return (
    <div data-testid={`hold-${hold}`}>
      <Note tone={tone} icon={icons[tone]}>
        <div className="notice">
          <div className="grow">
            <b>{title}.</b> {next}
            {hold === "drift" && drift.length > 0 && (
              <ul className="drifted" data-testid="drifted">
                {drift.map(({ resource, manager, words }) => (
                  <li key={`${resource.kind} ${resource.namespace}/${resource.name} ${words}`}>
                    <b className="mono">{manager}</b>: {words}{" "}
                    <span className="mono t3">
                      {resource.kind} {resource.namespace}/{resource.name}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </div>
          {see && (
            <LinkButton size="s" href={see.href}>
              {see.title}
            </LinkButton>
          )}
          {offer?.allowed && (
            <Button size="s" onClick={() => onAsk(offer.action)} data-testid={`notice-${offer.action}`}>
              {offer.title}
            </Button>
          )}
        </div>
      </Note>
    </div>
  );
}

const goingBack = new Set(["rolling-back", "abort"]);

/** Why it went back, as its events have it. */
function reasonOf({ events }: Pick<RolloutDetails, "events">): string {
  const text = events.findLast(({ kind }) => goingBack.has(kind))?.text ?? "";
  return text === "" ? "" : `${text}${/[.!?]$/.test(text) ? "" : "."} `;
}

/** "3 min ago", "now". */
function Since({ at }: { readonly at: number }) {
  const now = useNow();
  return (
    <>
      <TimeAgo at={at} />
      {now - at >= 2000 && " ago"}
    </>
  );
}

function Outcome({ details }: { readonly details: RolloutDetails }) {
  const { state, headline, canary, startedUnixMs, finishedUnixMs } = details;
  const answering = answeringWords(details);
  const now = useNow();
  const when = finishedUnixMs !== null && (
    <>
      {" "}
      <Since at={finishedUnixMs} />
      {startedUnixMs !== null && <>, after {duration(finishedUnixMs - startedUnixMs)}</>}.
    </>
  );
  switch (state) {
    case "completed":
      return (
        <div data-testid="outcome-completed">
          <Note icon={CircleCheck}>
            <b>Completed: all calls went to {canary}.</b> {damageWords(details)}; completed{when} {answering}{" "}
            {backWords(details, now)}
          </Note>
        </div>
      );
    case "rolled-back":
      return (
        <div data-testid="outcome-rolled-back">
          <Note tone="warn" icon={Undo2}>
            <b>{headline}.</b> {reasonOf(details)}
            {answering} It ended{when}
          </Note>
        </div>
      );
    case "undone":
      return (
        <div data-testid="outcome-undone">
          <Note icon={Undo2}>
            <b>Undone after it was completed.</b> {answering} {damageWords(details)}; ended{when}
          </Note>
        </div>
      );
    case "failed":
      return (
        <div data-testid="outcome-failed">
          <Note tone="error" icon={CircleX}>
            <b>{headline}.</b> {damageWords(details)}; ended{when} The newest event says what to do.
          </Note>
        </div>
      );
    default:
      return null;
  }
}
