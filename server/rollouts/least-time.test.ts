import { expect, test } from "vitest";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { leastMsOf } from "./least-time.ts";

const second = 1_000;
const analysis = { interval: "10s", passes: 2, minRequests: 50 };
const least = (steps: object[], rps: number): number | null =>
  leastMsOf(
    rolloutSpec.parse({
      service: { namespace: "shop", name: "web" },
      ...{ kind: "progressive", stable: "v1", canary: "v2", steps, analysis },
    }),
    rps,
  );
const rest = { weight: 100, analysis: false };

test.each<[string, object[], number, number | null]>([
  [
    "with many requests the intervals that must pass are all it takes",
    [{ weight: 10 }, { weight: 100 }],
    100,
    40 * second,
  ],
  ["a step that sees few requests lasts until they are enough", [{ weight: 5 }, rest], 10, 110 * second],
  ["each step by its own share", [{ weight: 5 }, { weight: 50 }, rest], 10, 130 * second],
  ["copies count", [{ weight: 0, mirror: 100 }, rest], 10, 20 * second],
  ["a longer hold contains the wait", [{ weight: 5, hold: "5m" }, rest], 10, 300 * second],
  [
    "a step that is not judged waits for no request",
    [{ weight: 5, analysis: false, hold: "1m" }, rest],
    0.1,
    60 * second,
  ],
  ["what nobody calls is not foreseen", [{ weight: 5 }, rest], 0, 20 * second],
  ["a gate needs a person", [{ weight: 5, gate: true }, rest], 100, null],
  ["so does an end at less than all calls", [{ weight: 50 }], 100, null],
])("%s", (_, steps, rps, ms) => expect(least(steps, rps)).toBe(ms));
