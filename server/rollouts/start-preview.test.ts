import { expect, test } from "vitest";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { sampleWords } from "./start-preview.ts";

const words = (step: { weight: number; mirror?: number; analysis?: boolean }, rps: number): string =>
  sampleWords(
    rolloutSpec.parse({
      service: { namespace: "shop", name: "web" },
      ...{ kind: "progressive", stable: "v1", canary: "v2", steps: [step, { weight: 100 }] },
    }),
    rps,
  );

test.each([
  [{ weight: 10 }, 5, "A verdict needs 50 requests to v2: about 100 s at 10 % of today's 5 requests per second."],
  [
    { weight: 0, mirror: 100 },
    5,
    "A verdict needs 50 copies of requests to v2: about 10 s with copies of 100 % of today's 5 requests per second. Requests of more than 64 KiB are not copied.",
  ],
  [
    { weight: 10, mirror: 40 },
    5,
    "A verdict needs 50 requests and copies to v2: about 20 s at 10 % and with copies of 40 % of today's 5 requests per second. Requests of more than 64 KiB are not copied.",
  ],
  [{ weight: 0, mirror: 100 }, 0, "A verdict needs 50 copies of requests to v2. Nobody calls it at this moment."],
  [
    { weight: 0 },
    5,
    "A verdict needs 50 requests to v2, which come only with the header, cookie or caller that gets there.",
  ],
] as const)(
  "the preview of a step %o says how long a verdict takes at %d requests per second",
  (step, rps, expected) => {
    expect(words(step, rps)).toBe(expected);
  },
);
