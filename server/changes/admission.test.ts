import { describe, expect, test } from "vitest";
import type { Guardrails } from "@/server/contracts/guardrails.ts";
import { type Intent, intentKey } from "@/server/golden-paths/intent.ts";
import { mustRespect } from "./admission.ts";
import { dana, pat } from "./test-changes.suite.ts";

const retries = (attempts: number): Intent => ({
  slug: "retries",
  service: { namespace: "web-api", name: "web-api" },
  attempts,
  codes: [503],
  backoff: "25ms",
  perTry: null,
  safeOnly: true,
  budgetPercent: 20,
});
const change = (before: Intent, after: Intent) => ({ key: intentKey(after), before, after });
const guardrails = (more: Partial<Guardrails["paths"][number]>): Guardrails => ({
  paths: [{ slug: "retries", who: "owners", approval: false, defaults: {}, ranges: [], ...more }],
  freezes: [],
  approvalHours: 72,
});
/** An edit of a route that several paths render: the first of them names the change. */
const takeOver = (rules: Guardrails, attempts: number, by = dana): (() => string | undefined) => {
  const proposal = {
    slug: "mirror-traffic" as const,
    values: {} as Parameters<typeof mustRespect>[1]["values"],
    intentChanges: [change(retries(1), retries(attempts))],
  };
  return () => mustRespect(rules, proposal, "take-over", ["web-api"], by, "", 0);
};

describe("what is taken over", () => {
  const atMost3 = guardrails({ ranges: [{ field: "attempts", min: null, max: 3 }] });

  test("stays within the ranges of the path whose values it becomes, for everybody", () => {
    expect(takeOver(atMost3, 3)).not.toThrow();
    for (const by of [dana, pat]) {
      expect(takeOver(atMost3, 4, by)).toThrow(expect.objectContaining({ code: "blocked-by-findings" }));
    }
  });

  test("is not had where that path is kept back, whichever path names the change", () => {
    const kept = guardrails({ who: "platform" });
    expect(takeOver(kept, 2)).toThrow(expect.objectContaining({ code: "path-restricted" }));
    expect(takeOver(kept, 2, pat)).not.toThrow();
  });
});
