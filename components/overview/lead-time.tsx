"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { endpoints } from "@/server/contracts/endpoints.ts";
import type { Overview } from "@/server/contracts/overview.ts";
import { callPortal } from "../query/fetch-json.ts";
import { userMessageOf } from "../query/portal-error.ts";
import { useMe } from "../query/use-me.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { duration, plural } from "../ui/format.ts";
import { Section } from "../ui/page.tsx";
import { Skeleton } from "../ui/states.tsx";

const dayMs = 24 * 3600 * 1000;

/** A span as a number and its unit, for the one large figure. */
function largest(ms: number): [string, string] {
  const [value = "", ...unit] = duration(ms).split(/\s/);
  return [value, unit.join(" ")];
}

/** From opening the form to enforced on all proxies, beside the last figure of the ticket-based way. */
export function LeadTime({ leadTime }: { readonly leadTime: Overview["leadTime"] | undefined }) {
  const me = useMe();
  const [editing, setEditing] = useState(false);
  if (!leadTime) {
    return (
      <Section title="From form to enforced">
        <Skeleton width={160} />
      </Section>
    );
  }
  const { medianMs, slowestMs, ticketMs } = leadTime;
  const [value, unit] = medianMs === null ? ["–", ""] : largest(medianMs);
  return (
    <Section title="From form to enforced" sub={`${plural(leadTime.changes, "change")}, ${leadTime.days} days`}>
      <div className="row" style={{ alignItems: "baseline", gap: 10, margin: "4px 0 6px" }}>
        <span className="fig-l" data-testid="lead-time">
          {value}
          <span className="unit">{unit}</span>
        </span>
        <span className="sm t2">
          {slowestMs === null ? "no change was verified yet" : `median; slowest ${duration(slowestMs)}`}
        </span>
      </div>
      {medianMs !== null && <Scale medianMs={medianMs} slowestMs={slowestMs ?? medianMs} ticketMs={ticketMs} />}
      <p className="cap" style={{ marginTop: 2 }}>
        {ticketMs === null
          ? "Nobody entered how long it took by ticket."
          : `By ticket it took ${duration(ticketMs)}, as was entered here.`}{" "}
        {me.capabilities.editSettings && (
          <button type="button" className="link" onClick={() => setEditing(true)}>
            {ticketMs === null ? "Enter it" : "Edit"}
          </button>
        )}
      </p>
      {editing && <TicketDialog ticketMs={ticketMs} onClose={() => setEditing(false)} />}
    </Section>
  );
}

const axis = { from: 700, to: 14 * dayMs, width: 344 };
const place = (ms: number) => {
  const part = (Math.log(ms) - Math.log(axis.from)) / (Math.log(axis.to) - Math.log(axis.from));
  return 4 + Math.min(1, Math.max(0, part)) * axis.width;
};

/** Seconds to days on one logarithmic line. */
function Scale({
  medianMs,
  slowestMs,
  ticketMs,
}: {
  readonly medianMs: number;
  readonly slowestMs: number;
  readonly ticketMs: number | null;
}) {
  const ticks: [number, string][] = [
    [1_000, "1 s"],
    [10_000, "10 s"],
    [60_000, "1 min"],
    [3_600_000, "1 h"],
    [dayMs, "1 day"],
  ];
  return (
    <svg
      className="chart"
      viewBox="0 0 352 46"
      role="img"
      aria-label={`Median ${duration(medianMs)}, slowest ${duration(slowestMs)}${ticketMs === null ? "" : `, by ticket ${duration(ticketMs)}`}`}
    >
      <path className="grid" d="M4 22H348" />
      <path d={`M${place(medianMs)} 22H${place(slowestMs)}`} stroke="var(--accent)" strokeWidth="2" opacity=".5" />
      <circle cx={place(medianMs)} cy="22" r="5" fill="var(--accent)" />
      <circle cx={place(slowestMs)} cy="22" r="2.6" fill="var(--accent)" />
      {ticketMs !== null && (
        <path
          d="M0-5L5 0L0 5L-5 0Z"
          transform={`translate(${place(ticketMs)} 22)`}
          fill="none"
          stroke="var(--text-2)"
          strokeWidth="1.6"
        />
      )}
      {ticks.map(([ms, words]) => (
        <text key={ms} x={place(ms)} y="42" textAnchor="middle">
          {words}
        </text>
      ))}
    </svg>
  );
}

function TicketDialog({ ticketMs, onClose }: { readonly ticketMs: number | null; readonly onClose: () => void }) {
  const client = useQueryClient();
  const [days, setDays] = useState(ticketMs === null ? "" : String(Math.round((ticketMs / dayMs) * 10) / 10));
  const amount = Number(days.replace(",", "."));
  const good = days.trim() === "" || (Number.isFinite(amount) && amount > 0 && amount <= 365);
  const save = async () => {
    try {
      await callPortal(endpoints.ticketLeadTime, {
        method: "PUT",
        body: { ticketMs: days.trim() === "" ? null : amount * dayMs },
      });
      await client.invalidateQueries({ queryKey: ["overview"] });
      onClose();
    } catch (error) {
      toast(userMessageOf(error));
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="How long it took by ticket"
      description="From asking for a change to the network until it worked, the last time. It stands beside the figure that is measured here."
      actions={
        <>
          <Button look="ghost" onClick={onClose}>
            Leave it
          </Button>
          <Button look="primary" disabled={!good} onClick={() => void save()}>
            Keep {days.trim() === "" ? "nothing" : `${days} days`}
          </Button>
        </>
      }
    >
      <label className="field">
        <span className="label">Days</span>
        <span className={good ? "input" : "input is-error"}>
          <input inputMode="decimal" value={days} onChange={(event) => setDays(event.target.value)} />
        </span>
        <span className={good ? "hint" : "hint is-error"}>
          {good ? "Empty forgets the figure" : "Enter a number of days up to 365"}
        </span>
      </label>
    </Dialog>
  );
}
