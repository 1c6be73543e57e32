/** Writing a change failed; says what became of what had been written. */
import { resourceName } from "@/server/golden-paths/resource.ts";
import type { ResourceStep } from "./proposal.ts";

/** A step that is still as the change wrote it. */
export interface LeftStep {
  readonly step: ResourceStep;
  /** Why it could not be put back. */
  readonly why: string;
}

export interface Aftermath {
  /** What was written stays on purpose: it is an end of access, or calls leave a version. */
  readonly kept: boolean;
  readonly left: readonly LeftStep[];
  /** What proxies did not confirm of what was put back; empty when nothing is missing. */
  readonly unconfirmed: string;
}

export class ApplyError extends Error {
  override readonly name = "ApplyError";
  readonly aftermath: Aftermath;

  constructor(cause: unknown, aftermath: Aftermath) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.aftermath = aftermath;
  }
}

export const isApplyError = (error: unknown): error is ApplyError =>
  error instanceof Error && error.name === "ApplyError";

/** Why it failed, what is how now, and what to do next. `byRelease`: it moved shares. Pure. */
export function failureText(cause: string, { kept, left, unconfirmed }: Aftermath, byRelease = false): string {
  const reason = sentence(cause);
  if (kept) {
    const why = byRelease ? "so that no call goes back to the version that it left" : "so that nobody is let in again";
    return `${reason} What was written stays, ${why}; the rest is tried again by itself.`;
  }
  if (left.length === 0) {
    return unconfirmed === ""
      ? `${reason} Everything is as it was before.`
      : `${reason} Everything was put back, but proxies have not confirmed it: ${sentence(unconfirmed)} See the Mesh page.`;
  }
  const known = left.map(({ step, why }) => `${resourceName(step.ref)} could not be put back: ${sentence(why)}`);
  const rest = "Everything else is as it was before.";
  return [reason, ...known, rest, ...new Set(left.map(({ step }) => nextStep(step)))].join(" ");
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** The page of drift shows what paths in force render; what this change added is known to nobody. */
function nextStep({ ref, before }: ResourceStep): string {
  const where = ref.namespace === "" ? "" : ` -n ${ref.namespace}`;
  return before === undefined
    ? `Apply the change again, or remove what it left: kubectl delete ${ref.kind.toLowerCase()}${where} ${ref.name}`
    : `Put ${resourceName(ref)} back on the page "Changed by others", or apply the change again.`;
}
