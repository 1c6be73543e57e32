import { describe, expect, test } from "vitest";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { requestKey } from "@/server/telemetry/records.ts";
import { labels, requests } from "@/server/telemetry/sample.suite.ts";
import { NodeFinder } from "./graph/node-ref.ts";
import { stepsOfRequests } from "./series.ts";

const identity = {
  labels: labels("web-api/web-api", "recommendation/recommendation"),
  responseCode: 200,
  responseFlags: "-" as const,
};

/** 60 requests of the first minute in steps of 10 s, with the memory as it is some time later. */
function counts(laterMs: number): number[] {
  const memory = new TelemetryMemory();
  for (let second = 0; second < 60; second++) {
    memory.requests.record(requestKey(identity), () => identity, requests(1), second * 1_000 + 500);
  }
  memory.compact(laterMs);
  return stepsOfRequests(memory, new NodeFinder(sampleInventory()), () => true, 0, 10_000, 6).map(
    ({ count }) => Math.round(count * 100) / 100,
  );
}

describe("requests over time", () => {
  test("stand in the step in which they came", () => {
    expect(counts(60_000)).toEqual([10, 10, 10, 10, 10, 10]);
  });

  test("that are only remembered by the minute are spread over it instead of making a spike", () => {
    expect(counts(40 * 60_000)).toEqual([10, 10, 10, 10, 10, 10]);
  });
});
