import { describe, expect, it } from "vitest";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { limitRows } from "./limit-rows.ts";

const minute = 60_000;
const spec = (maxFailedRequests: number | null, maxMinutes: number | null) =>
  rolloutSpec.parse({
    service: { namespace: "shop", name: "shop" },
    kind: "progressive",
    stable: "v1",
    canary: "v2",
    steps: [{ weight: 100 }],
    analysis: { maxFailedRequests, maxMinutes },
  });
const failed = (canaryErrors: number) =>
  limitRows({ spec: spec(20, null), canaryErrors, enteredUnixMs: 0, finishedUnixMs: null }, minute)[0];
const minutes = (nowMs: number, enteredUnixMs: number | null = 0, finishedUnixMs: number | null = null) =>
  limitRows({ spec: spec(null, 40), canaryErrors: 0, enteredUnixMs, finishedUnixMs }, nowMs)[0];

describe("limits of the whole release", () => {
  it("are rows of their own, and none where there is no limit", () => {
    const both = { spec: spec(20, 40), canaryErrors: 7, enteredUnixMs: 0, finishedUnixMs: null };
    expect(limitRows(both, minute).map(({ title, rule, value }) => `${title}, ${rule}: ${value}`)).toEqual([
      "Failed requests callers saw, at most 20: 7",
      "Minutes it takes, at most 40: 1",
    ]);
    expect(limitRows({ ...both, spec: spec(null, null) }, minute)).toEqual([]);
  });

  it.each([
    [7, "13 left", "ok"],
    [15, "5 left, watch", "warn"],
    [20, "no more may fail, watch", "warn"],
    [21, "over the limit", "error"],
  ])("%d failed of 20: %s", (errors, words, tone) => expect(failed(errors)).toMatchObject({ words, tone }));

  it.each([
    [null, 0, "0", "40 minutes left", "ok"],
    [0, 12.5, "12", "28 minutes left", "ok"],
    [0, 39.5, "39", "1 minute left, watch", "warn"],
    [0, 40, "40", "over the limit", "error"],
  ])("since %j, %d minutes on: %s", (entered, now, value, words, tone) =>
    expect(minutes(now * minute, entered)).toMatchObject({ value, words, tone }),
  );

  it("once it has ended time stands still, and there is nothing left to watch", () => {
    expect(minutes(900 * minute, 0, 12 * minute)).toMatchObject({ value: "12", words: "within the limit", tone: "ok" });
    const ended = { spec: spec(20, null), canaryErrors: 18, enteredUnixMs: 0, finishedUnixMs: minute };
    expect(limitRows(ended, minute)[0]).toMatchObject({ words: "within the limit", tone: "ok" });
  });
});
