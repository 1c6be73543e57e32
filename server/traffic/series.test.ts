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

/** Requests of the first minute in steps of 10 s. */
function counts(fill: (memory: TelemetryMemory) => void): number[] {
  const memory = new TelemetryMemory();
  fill(memory);
  return stepsOfRequests(memory, new NodeFinder(sampleInventory()), () => true, 0, 10_000, 6).map(({ count }) => count);
}

describe("requests over time", () => {
  test("stand in the step in which they came", () => {
    const some = counts(({ requests: kept }) => {
      kept.record(requestKey(identity), () => identity, requests(2), 15_000);
      kept.record(requestKey(identity), () => identity, requests(3), 59_999);
    });
    expect(some).toEqual([0, 2, 0, 0, 0, 3]);
  });

  test("that are only remembered by the minute are spread over it instead of making a spike", () => {
    const minute = counts((memory) => memory.requests.load(requestKey(identity), identity, requests(60), 0, 60_000));
    expect(minute.map(Math.round)).toEqual([10, 10, 10, 10, 10, 10]);
  });
});
