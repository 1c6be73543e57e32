/** Limits that platform engineers set for shares, over a release and over what people tell it. */
import type { Preview } from "@/server/contracts/golden-paths.ts";
import type { Guardrails } from "@/server/contracts/guardrails.ts";
import { shareLimit } from "@/server/contracts/release-limits.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import type { RolloutAction } from "@/server/contracts/rollouts.ts";
import type { Database, Transaction } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { readGuardrails } from "@/server/guardrails/guardrails.ts";
import { releaseFindings } from "@/server/guardrails/release-limits.ts";
import { ruleOf } from "@/server/guardrails/rules.ts";
import { weightOf } from "./figures.ts";
import type { Release } from "./machine/state.ts";

/** Asked where a release begins: at its start, and when it is tried again. Throws PortalError `blocked-by-findings`. */
export async function mustKeepLimits(spec: RolloutSpec, db: Database | Transaction): Promise<void> {
  const out = releaseFindings(await readGuardrails(db), spec);
  if (out.length > 0) {
    throw new PortalError("blocked-by-findings", out.map(({ message }) => message).join(" "), {
      fields: out.map(({ field, message }) => ({ path: field, message })),
    });
  }
}

/** The first change with what limits say of the whole release. */
export function withLimits(first: Preview, guardrails: Guardrails, spec: RolloutSpec): Preview {
  const out = releaseFindings(guardrails, spec);
  return out.length === 0
    ? first
    : {
        ...first,
        findings: [...out, ...first.findings],
        applicable: false,
        blockedBecause: out[0]?.message ?? first.blockedBecause,
      };
}

/**
 * Why a person may not give the new version more calls; empty when they may. Over the limit a share is not set by hand:
 * the step that comes is judged, or one before it was and passed.
 */
export function promoteOverLimit(
  { spec, machine }: Pick<Release, "spec" | "machine">,
  action: RolloutAction,
  limit: number | null,
): string {
  if (limit === null || (action !== "promote" && action !== "promote-fully")) {
    return "";
  }
  const next = action === "promote" ? spec.steps[machine.step + 1] : undefined;
  const to = next?.weight ?? 100;
  if (to <= limit || to <= weightOf({ spec, machine }) || next?.analysis === true) {
    return "";
  }
  const passed = machine.steps.some(
    ({ state }, at) =>
      spec.steps[at]?.analysis === true && (state === "done" || (at === machine.step && machine.phase === "gate")),
  );
  return passed
    ? ""
    : `More than ${limit} % takes a step that was judged and passed, and none was yet. The platform engineers set this limit.`;
}

/** The limit of today. */
export const readShareLimit = async (db: Database | Transaction): Promise<number | null> =>
  shareLimit(ruleOf(await readGuardrails(db), "release-a-version").ranges);
