/** One step of the reducer: what is next, and what goes on record with it. */
import type { AuditAction } from "@/server/contracts/audit.ts";
import type { RolloutEvent, Verdict } from "@/server/contracts/rollouts.ts";
import type { IntervalCounts } from "../analysis/counts.ts";
import type { Judgement, WebhookOutcome } from "../analysis/judge.ts";
import type { Drifted, Placement, Shares, VersionTemplate } from "../ports.ts";
import type { Machine, Totals } from "./state.ts";

export interface Noted {
  readonly level: RolloutEvent["level"];
  readonly kind: string;
  readonly text: string;
  /** Null: the release itself. */
  readonly by: string | null;
}

export interface Judged {
  readonly counts: IntervalCounts;
  readonly judgement: Judgement;
}

/** Written in one transaction. */
export interface Next {
  readonly machine: Machine;
  readonly events: readonly Noted[];
  readonly verdict: (Judged & { readonly step: number; readonly verdict: Verdict }) | null;
  /** Actions of people are on record by whoever takes them. */
  readonly audit: { readonly action: AuditAction; readonly outcome: "done" | "failed"; readonly detail: string } | null;
  /** The service's shares before it, when this step learnt them. */
  readonly before?: Shares | null;
}

/** Answer to the duty of the phase; each is null when it was not asked. */
export interface Answers {
  readonly placement: Placement | { readonly state: "unreachable"; readonly words: string } | null;
  /** Of `before` or `after`. */
  readonly webhooks: readonly WebhookOutcome[] | null;
  /** Whether any change of it was ever begun; if not, none will be. */
  readonly withdrawn: "nothing-written" | "written" | null;
  /** Workload started, taken back or resumed; `for-good`: trying again does not help. */
  readonly workload: { readonly state: "done" | "failed" | "for-good"; readonly words: string } | null;
}

/** What the driver saw. */
export interface Look extends Answers {
  readonly nowUnixMs: number;
  readonly connected: boolean;
  /** Why nothing may move; empty when it may. */
  readonly frozen: string;
  readonly drift: readonly Drifted[];
  readonly canaryReady: number;
  readonly stableReady: number;
  /** What runs as the canary; null: not known, or no Deployment runs it. */
  readonly template: VersionTemplate | null;
  /** The proxies reported up to here; null: they do not. */
  readonly freshUnixMs: number | null;
  /** This process looks for the first time: it does not know what it missed. */
  readonly first: boolean;
  readonly judged: Judged | null;
  /** What both versions answered since shares moved first. */
  readonly totals: Totals;
  /** The part of it that is settled and will not be asked for again; null: nothing new. */
  readonly settled: { readonly untilUnixMs: number; readonly totals: Totals } | null;
}

export const noAnswers: Answers = { placement: null, webhooks: null, withdrawn: null, workload: null };

export const stay = (machine: Machine): Next => ({ machine, events: [], verdict: null, audit: null });

/** What comes after `first`, with the records of both. Not `then`: modules that export one are taken for promises. */
export function andThen(first: Next, more: (machine: Machine) => Next): Next {
  const second = more(first.machine);
  const before = "before" in second ? second.before : first.before;
  return {
    machine: second.machine,
    events: [...first.events, ...second.events],
    verdict: second.verdict ?? first.verdict,
    audit: second.audit ?? first.audit,
    ...(before === undefined ? {} : { before }),
  };
}

export const noted = (
  machine: Machine,
  level: Noted["level"],
  kind: string,
  text: string,
  by: string | null = null,
): Next => ({ ...stay(machine), events: [{ level, kind, text, by }] });
