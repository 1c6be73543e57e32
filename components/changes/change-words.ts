import type { Approval, ChangeState, ChangeSummary, ProbeResult } from "@/server/contracts/changes.ts";
import type { Impact } from "@/server/contracts/golden-paths.ts";
import { windowWords } from "../query/time-window.ts";
import { count, plural } from "../ui/format.ts";

const ended: ReadonlySet<ChangeState> = new Set(["verified", "failed", "undone", "rejected", "withdrawn", "expired"]);

/** Whether a change has come to its end. */
export const isFinal = (state: ChangeState): boolean => ended.has(state);

/** Whether something is being written right now, so that following it closely is worth a connection. */
export const isMoving = (state: ChangeState): boolean => !isFinal(state) && state !== "waiting";

/** "a", "a and b", "a, b and c". */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** Titles of those who have not answered yet. */
export const stillAsked = (approvals: readonly Approval[]): string =>
  listed(approvals.filter(({ state }) => state === "waiting").map(({ title }) => title));

/** Whether the signed-in person may decide now. */
export const waitsForMe = ({ state, approvals }: Pick<ChangeSummary, "state" | "approvals">): boolean =>
  state === "waiting" && approvals.some(({ mine, state: said }) => mine && said === "waiting");

/** Where a change stands, in one line, for lists. */
export function standing(change: ChangeSummary): string {
  switch (change.state) {
    case "waiting":
      return `Waits for ${stillAsked(change.approvals)}`;
    case "rejected": {
      const refusal = change.approvals.find(({ state }) => state === "rejected");
      const by = refusal?.by ? `${refusal.by.name} of ${refusal.title}` : (refusal?.title ?? "an approver");
      return refusal && refusal.comment !== "" ? `${by}: ${refusal.comment}` : `Rejected by ${by}`;
    }
    case "withdrawn":
      return `Taken back by ${change.author.name} before it was applied`;
    case "expired":
      return "Nobody answered in time; nothing was changed";
    case "failed":
      return change.failure;
    default:
      return change.receipt?.message ?? "–";
  }
}

/** What applying does to the traffic that was seen, in a sentence. */
export function effectOf({ becomeAllowed, becomeDenied, rows, windowSeconds, unknownBecause }: Impact): string {
  if (unknownBecause !== undefined) {
    return unknownBecause;
  }
  const unit = rows.some((row) => row.unit === "requests") ? "request" : "connection";
  const said = [
    ...(becomeAllowed.count > 0
      ? [`${count(becomeAllowed.count)} more ${becomeAllowed.count === 1 ? unit : `${unit}s`} would have been allowed`]
      : []),
    ...(becomeDenied.count > 0 ? [`${plural(becomeDenied.count, unit)} would have been refused`] : []),
  ];
  return said.length === 0
    ? `No ${unit} of the ${windowWords(windowSeconds)} before it would have been answered differently.`
    : `In the ${windowWords(windowSeconds)} before it was proposed, ${listed(said)}.`;
}

/** "reaches", "is refused", "503": what a probe should have met. */
export const expectedWords = ({ expected, expectedStatus }: ProbeResult): string =>
  expected === "status" ? String(expectedStatus) : expected === "reaches" ? "gets through" : "is refused";
