/** Whether a proposal may be applied now, by this person: everything that the preview says is asked again here. */
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { ProblemConflict } from "@/server/contracts/errors.ts";
import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import { type PathSlug, pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { Guardrails } from "@/server/contracts/guardrails.ts";
import { PortalError } from "@/server/errors.ts";
import { canonical } from "@/server/golden-paths/resource.ts";
import { forReleaseSteps } from "@/server/guardrails/release-limits.ts";
import { freezeOf, freezeText, isPlatform, rangeFindings, ruleOf } from "@/server/guardrails/rules.ts";
import type { Origin } from "./origin.ts";
import { changesNothing, isUnchanged, type Proposal } from "./proposal.ts";
import { restrictionsOver } from "./rules-over.ts";
import { forbiddenWrite } from "./touched.ts";

/** What the person hands in beside the form. */
export interface Handed {
  readonly etag: string;
  readonly confirmation: string;
  readonly reason: string;
  /** Overwrite others' edits, as they were shown under `etag`. */
  readonly force: boolean;
}

/** Nothing may ever be written that no golden path writes, whoever asks. Throws PortalError `forbidden`. */
export function mustBeWritable({ steps }: Pick<Proposal, "steps">): void {
  const forbidden = steps
    .filter((step) => !isUnchanged(step))
    .map(forbiddenWrite)
    .filter((text) => text !== "");
  if (forbidden.length > 0) {
    throw new PortalError("forbidden", `${forbidden.join(" ")} Nothing was changed. Tell a platform engineer.`);
  }
}

/**
 * Guardrails over a person's change. Answers the freeze that a platform engineer breaks with it; undefined without one.
 * Throws PortalError `path-restricted`, `frozen` or `blocked-by-findings`.
 */
export function mustRespect(
  guardrails: Guardrails,
  proposal: Pick<Proposal, "slug" | "values" | "intentChanges">,
  origin: Origin["kind"],
  touched: readonly string[],
  person: SignedIn,
  reason: string,
  nowUnixMs: number,
): string | undefined {
  const asForm = origin === "form" || origin === "rollout";
  const restriction = restrictionsOver(guardrails, proposal, origin, person)[0] ?? "";
  // What is switched off must still be possible to take back, by those who switched it off.
  if (restriction !== "" && (asForm || !isPlatform(person))) {
    throw new PortalError("path-restricted", restriction);
  }
  if (asForm || origin === "take-over") {
    const out = asForm
      ? rangeFindings(
          ruleOf(origin === "rollout" ? forReleaseSteps(guardrails) : guardrails, proposal.slug),
          proposal.slug,
          proposal.values,
        )
      : takenOverOutOfRange(guardrails, proposal.intentChanges);
    if (out.length > 0) {
      throw new PortalError("blocked-by-findings", out.map(({ message }) => message).join(" "), {
        fields: out.map(({ field, message }) => ({ path: field, message })),
      });
    }
  }
  const freeze = freezeOf(guardrails, touched, nowUnixMs);
  if (freeze === undefined) {
    return undefined;
  }
  const text = freezeText(freeze);
  if (!isPlatform(person)) {
    throw new PortalError("frozen", `${text} Wait, or ask a platform engineer.`);
  }
  if (origin !== "undo" && reason.trim() === "") {
    throw new PortalError("frozen", `${text} Enter a reason to change it all the same.`, {
      fields: [{ path: "reason", message: "Say why it cannot wait" }],
    });
  }
  return text;
}

/** What is live would become values that no form takes. An intent has its form's fields. */
const takenOverOutOfRange = (guardrails: Guardrails, changes: Proposal["intentChanges"]): Finding[] =>
  changes.flatMap(({ before, after }) => {
    const slug = pathSlug.safeParse(after?.slug);
    return slug.success && canonical(before ?? null) !== canonical(after ?? null)
      ? rangeFindings(ruleOf(guardrails, slug.data), slug.data, after as unknown as PathFormValues[PathSlug])
      : [];
  });

/**
 * What the form, the cluster and other people's edits say. `moved`: how it differs from what the person saw. To overwrite
 * an edit one must have seen it: a conflict tells the `etag` that stands for the versions that it shows.
 */
export function mustBeApplicable(proposal: Proposal, handed: Handed, moved: () => readonly ProblemConflict[]): void {
  const { filled, conflicts } = proposal;
  const errors = filled.findings.filter(({ level }) => level === "error");
  if (errors.length > 0) {
    throw new PortalError("blocked-by-findings", errors.map(({ message }) => message).join(" "), {
      fields: errors.map(({ field, message }) => ({ path: field, message })),
    });
  }
  if (changesNothing(proposal)) {
    throw new PortalError("no-change", "Everything is so already: there is nothing to apply.");
  }
  if (filled.confirmWord !== "" && handed.confirmation.trim() !== filled.confirmWord) {
    throw new PortalError("confirmation-needed", `Type "${filled.confirmWord}" to confirm.`, {
      fields: [{ path: "confirmation", message: `Type "${filled.confirmWord}"` }],
    });
  }
  if (!handed.force && conflicts.length > 0) {
    throw new PortalError(
      "conflict",
      `Somebody else changed ${conflicts.map(({ resource }) => resource).join(", ")} since. Compare both versions, then overwrite theirs or leave it.`,
      { conflicts, etag: proposal.etag },
    );
  }
  if (handed.etag !== proposal.etag) {
    const since = moved();
    const edits = conflicts.filter(({ resource }) => since.every((one) => one.resource !== resource));
    const shown = [...since, ...edits];
    throw new PortalError(
      "conflict",
      "The mesh moved since the preview was made. Look at the new preview, then apply.",
      // Where nothing can be shown, nobody can have seen it.
      { conflicts: shown, ...(shown.length === 0 ? {} : { etag: proposal.etag }) },
    );
  }
}
