/** Rules that outlive their end date. Pure. */
import { type Intent, isServiceIntent } from "@/server/golden-paths/intent.ts";
import { withdrawalOf } from "@/server/golden-paths/withdrawal.ts";
import { at, type Check, idOf } from "./check.ts";

/** Whoever was let in until then can still call; another rule that stays is only in the way. */
export const pastTheirEnd: Check = ({ overdue = [] }) =>
  overdue.flatMap(({ intent, endUnixMs, failure }) => {
    if (!isServiceIntent(intent)) {
      return [];
    }
    const path = withdrawalOf(intent, "End it now", "Opens the form that takes it back");
    const when = `${new Date(endUnixMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    const why =
      failure === ""
        ? "It could not be taken back yet: the mesh's API does not answer, or another change is under way."
        : `It could not be taken back: ${failure}`;
    return [
      at(
        "Service",
        { metadata: intent.service },
        "past-its-end",
        `${subjectOf(intent)} ended at ${when} and is still in force. ${why} It is tried again by itself.`,
        {
          services: [idOf(intent.service)],
          level: intent.slug === "let-a-caller-in" ? "error" : "warning",
          ...(path === undefined ? {} : { path }),
        },
      ),
    ];
  });

function subjectOf(intent: Intent): string {
  if (intent.slug !== "let-a-caller-in") {
    return `The rule of the path "${intent.slug.replaceAll("-", " ")}"`;
  }
  const { caller } = intent;
  return `The access of ${caller.kind === "anyone" ? "anyone" : `${caller.namespace}/${caller.serviceAccount}`}`;
}
