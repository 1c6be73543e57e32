"use client";

import {
  Box,
  CircleCheck,
  CircleX,
  FileDiff,
  Flag,
  Hourglass,
  Info,
  ListOrdered,
  type LucideIcon,
  Pause,
  Play,
  Rocket,
  RotateCcw,
  Split,
  TriangleAlert,
  Undo2,
  User,
} from "lucide-react";
import { useState } from "react";
import type { RolloutDetails, RolloutEvent } from "@/server/contracts/rollouts.ts";
import { AppLink } from "../../ui/app-link.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";

/** So many stand there before somebody asks for all. */
const shownFirst = 7;

const kinds: Readonly<Record<string, LucideIcon>> = {
  queued: ListOrdered,
  started: Rocket,
  workload: Box,
  step: Split,
  placed: Split,
  "goes-on": Play,
  promoted: User,
  paused: Pause,
  resumed: Play,
  retry: RotateCcw,
  abort: Undo2,
  "rolling-back": Undo2,
  "rolled-back": Undo2,
  undo: Undo2,
  undone: Undo2,
  completing: Flag,
  completed: Flag,
  drift: FileDiff,
  gate: Hourglass,
  waiting: Hourglass,
};

const levels: Readonly<Record<RolloutEvent["level"], { readonly icon: LucideIcon; readonly tone: string }>> = {
  info: { icon: Info, tone: "t3" },
  good: { icon: CircleCheck, tone: "c-ok" },
  warning: { icon: TriangleAlert, tone: "c-warn" },
  error: { icon: CircleX, tone: "c-error" },
};

interface EventsSectionProps extends Pick<RolloutDetails, "events" | "changes"> {
  /** In the events of several releases: what each is about, by its `sequence`. */
  readonly about?: ReadonlyMap<number, string>;
}

/** What happened, newest first. */
export function EventsSection({ events, changes, about }: EventsSectionProps) {
  const [all, setAll] = useState(false);
  const newest = [...events].sort((one, other) => other.sequence - one.sequence);
  const shown = all ? newest : newest.slice(0, shownFirst);
  return (
    <section aria-label="Events">
      <div className="section-head part-head">
        <h2>Events</h2>
        <span className="grow" />
        {events.length > shownFirst && (
          <button type="button" className="link xs more-link" onClick={() => setAll(!all)} data-testid="all-events">
            {all ? "Newest only" : `All ${events.length}`}
          </button>
        )}
      </div>
      {events.length === 0 && <p className="cap part-empty">Nothing happened yet.</p>}
      <ol className="ro-evs" data-testid="events">
        {shown.map((event) => (
          <Entry key={event.sequence} event={event} changes={changes} about={about?.get(event.sequence) ?? ""} />
        ))}
      </ol>
    </section>
  );
}

interface EntryProps extends Pick<RolloutDetails, "changes"> {
  readonly event: RolloutEvent;
  readonly about: string;
}

function Entry({ event, changes, about }: EntryProps) {
  const { icon, tone } = levels[event.level];
  const grave = event.level === "warning" || event.level === "error";
  const shares = event.kind === "step" || event.kind === "placed";
  const Icon = grave && event.actor === null ? icon : (kinds[event.kind] ?? icon);
  const change = changes.find(({ number }) => number === event.changeNumber);
  const name = event.actor?.name ?? "";
  const begins = name !== "" && event.text.startsWith(name);
  return (
    <li data-kind={event.kind}>
      <TimeAgo at={event.timeUnixMs} />
      <span className={shares && !grave ? "c-canary" : tone}>
        <Icon className="ic ic-14" aria-hidden="true" />
      </span>
      <span className="event-text">
        {about !== "" && <span className="t3">{about} </span>}
        {begins ? (
          <>
            <b className="med">{name}</b>
            {event.text.slice(name.length)}
          </>
        ) : (
          <>
            {name !== "" && <b className="med">{name}: </b>}
            {event.text}
          </>
        )}
        {change && (
          <>
            {" "}
            <AppLink className="link nowrap" href={`/changes/${change.id}`}>
              change {change.number}
            </AppLink>
          </>
        )}
      </span>
    </li>
  );
}
