/** What stands on the button of a form and beside it. Pure. */
import type { Preview } from "@/server/contracts/golden-paths.ts";

const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** Who must agree before it is applied; empty when nobody must. */
export const approversOf = ({ approval }: Preview): string =>
  listed(
    approval.map(({ team, title }) => (team === "platform" || team === "" ? "the platform engineers" : team || title)),
  );

/** What the button says: the effect, or whom it asks. */
export function buttonWords(preview: Preview | undefined): string {
  if (!preview) {
    return "Apply";
  }
  const approvers = approversOf(preview);
  return approvers === "" || preview.button.startsWith("Request approval")
    ? preview.button
    : `Request approval from ${approvers}`;
}

/** What pressing the button leads to, or why it cannot be pressed. */
export function footWords(preview: Preview): string {
  if (preview.applicable) {
    const approvers = approversOf(preview);
    if (approvers !== "") {
      return `Nothing changes before ${approvers} ${/ and /.test(approvers) || approvers.endsWith("engineers") ? "agree" : "agrees"}.`;
    }
    return preview.confirmWord === ""
      ? "Applied at once and verified on every proxy. You can undo it."
      : "Asks for a word first, because it shuts callers out. You can undo it.";
  }
  if (preview.findings.some(({ code }) => code === "nothing-changes")) {
    return "Nothing would change: it is already so.";
  }
  const blocking = preview.findings.find(({ level }) => level === "error");
  return preview.blockedBecause === "" ? (blocking?.message ?? "") : preview.blockedBecause;
}
