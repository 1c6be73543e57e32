import { expect, test } from "vitest";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { rateLimitNotes } from "./rate-limits.ts";

const limited = (limit: object) =>
  sampleInventory({
    routing: {
      rateLimitPolicies: [
        {
          metadata: { namespace: "default", name: "httpbin" },
          spec: {
            targetRefs: [{ kind: "Service", name: "httpbin" }],
            limits: [{ requests: 10, interval: "1s", ...limit }],
          },
        },
      ] as never,
    },
  });
const steady = (perSecond: number): number[] => Array.from({ length: 100 }, () => perSecond);
const callers = new Map([
  ["default/sleep", steady(20)],
  ["web-api/web-api", steady(5)],
]);
const note = (limit: object, seconds: ReadonlyMap<string, readonly number[]> = callers): string =>
  rateLimitNotes(sampleInventory(), limited(limit), () => seconds)[0] ?? "";

test.each([
  ["each caller apart", { per: "Identity" }, "about 40 %"],
  ["all together", { per: "Total" }, "about 60 %"],
  ["a limit nobody reaches", { per: "Identity", requests: 100 }, "none"],
  ["a burst that helps at first only", { per: "Identity", burst: 60 }, "about 38 %"],
])("%s: the share above the limit", (_, limit, share) => {
  expect(note(limit)).toContain(`last ten minutes ${share} would have been over`);
});

test("what counts cannot tell is said", () => {
  expect(note({ per: "Header", header: "x-api-key" })).toContain("counts by the header x-api-key");
  expect(note({ matches: [{ method: "POST" }] })).toContain("is not known");
  expect(note({}, new Map())).toContain("No request to httpbin was seen");
});

test("a limit that was there before is no news", () => {
  expect(rateLimitNotes(limited({}), limited({}), () => callers)).toEqual([]);
});
