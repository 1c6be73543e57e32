import { capabilitiesOf, type SignedIn } from "@/server/auth/signed-in.ts";
import { endOf } from "@/server/golden-paths/intent.ts";
import { type ChangeRow, intentsOf, isInPlace, originOf, stateOf } from "./change-row.ts";

/** What undoing depends on. */
export interface UndoFacts {
  readonly number: number;
  readonly state: string;
  readonly intents: unknown;
  readonly undoOfNumber: number | undefined;
  readonly inPlace: boolean;
}

/**
 * Why a change cannot be undone; empty when it can. Only the newest change of a target can: what came later stands on
 * it. Later changes that were taken back do not count, nor do the changes that took them back. Other people's namespaces
 * are no hindrance: their teams are asked.
 */
export function undoBlocked(
  row: ChangeRow,
  all: readonly UndoFacts[],
  person: SignedIn | undefined,
  nowUnixMs: number,
): string {
  const state = stateOf(row);
  if (state === "undone") {
    return "It was undone already.";
  }
  if (state === "applying") {
    return "It is still being applied.";
  }
  if (state === "waiting") {
    return "It waits for approval. Whoever asked for it can withdraw it.";
  }
  if (!isInPlace(row)) {
    return state === "failed"
      ? "It failed before it was in force: why it failed says what became of it."
      : "Nothing of it is in place.";
  }
  if (originOf(row).kind === "put-back") {
    return "It wrote what the paths in force say. Change those instead.";
  }
  const intents = intentsOf(row);
  const keys = new Set(intents.map(({ key }) => key));
  const later = all.find(
    (other) =>
      other.number > row.number &&
      other.inPlace &&
      !(other.undoOfNumber !== undefined && other.undoOfNumber > row.number) &&
      intentsOf(other).some(({ key }) => keys.has(key)),
  );
  if (later !== undefined) {
    return `Change ${later.number} came after it and touches the same. Undo that one first.`;
  }
  const over = intents.some(({ before }) => {
    const end = before === undefined ? null : endOf(before);
    return end !== null && end <= nowUnixMs;
  });
  if (over) {
    return "The rule that it would bring back has an end date, and that has come.";
  }
  return person === undefined || capabilitiesOf(person).preview
    ? ""
    : `Your role (${person.roles.join(", ")}) does not allow it.`;
}
