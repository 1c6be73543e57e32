import { describe, expect, test } from "vitest";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { nameKey, requestKey } from "@/server/telemetry/records.ts";
import { labels, requests } from "@/server/telemetry/sample.suite.ts";
import { answeredBy, receivedBy, type SeenThere, seenAt } from "./proxy-evidence.ts";

const there = (
  byVersion: Readonly<Record<string, number>>,
  more: Partial<Pick<SeenThere, "looked" | "withName">> = {},
): SeenThere => {
  const counts = Object.values(byVersion).reduce((sum, count) => sum + count, 0);
  return { byVersion: new Map(Object.entries(byVersion)), requests: counts, looked: counts, withName: 0, ...more };
};
const sent = 20;
const quiet = there({});

describe("whether a header came with requests", () => {
  test.each([
    ["it was seen with them", there({ v1: 20 }, { withName: 20 }), quiet, true],
    ["it was seen once, where few are looked at", there({ v1: 20 }, { looked: 2, withName: 1 }), quiet, true],
    ["all were looked at, none had it", there({ v1: 20 }), quiet, false],
    ["only ours came, and one of them was looked at", there({ v1: 20 }, { looked: 1 }), quiet, false],
    ["none was looked at", there({ v1: 20 }, { looked: 0 }), quiet, null],
    ["too few were looked at among those of others", there({ v1: 420 }, { looked: 26 }), there({ v1: 400 }), null],
    ["others send it as well", there({ v1: 40 }, { withName: 30 }), there({ v1: 20 }, { withName: 10 }), null],
    ["they did not come", there({ v1: 4 }), quiet, null],
  ])("%s", (_what, now, before, expected) => {
    expect(receivedBy(now, before, sent)).toBe(expected);
  });
});

describe("who answered", () => {
  test.each([
    ["the canary all", there({ v2: 20 }), quiet, "canary"],
    ["the canary all of ours", there({ v1: 90, v2: 30 }), there({ v1: 90, v2: 10 }), "canary"],
    ["the stable version all", there({ v1: 20 }), quiet, "other"],
    ["as the shares always are", there({ v1: 198, v2: 22 }), there({ v1: 180, v2: 20 }), "other"],
    ["the canary has most of the calls anyway", there({ v1: 8, v2: 112 }), there({ v1: 7, v2: 93 }), null],
    ["neither clearly", there({ v1: 10, v2: 10 }), quiet, null],
    ["they did not come", quiet, quiet, null],
  ])("%s", (_what, now, before, expected) => {
    expect(answeredBy(now, before, sent, "v2")).toBe(expected);
  });
});

test("counts of one service at its waypoint between two times, and of nobody else", () => {
  const memory = new TelemetryMemory();
  const count = (to: string, times: number, atMs: number, reporter: "waypoint" | "source" = "waypoint") => {
    const identity = {
      labels: labels("recommendation/recommendation", to, { reporter }),
      responseCode: 200,
      responseFlags: "-",
    } as const;
    memory.requests.record(requestKey(identity), () => identity, requests(times), atMs);
  };
  const name = (
    kind: "requests" | "header",
    header: string,
    times: number,
    atMs: number,
    service = "purchase-history",
  ) => {
    const identity = { service, serviceNamespace: "purchase-history", kind, name: header };
    memory.names.record(nameKey(identity), () => identity, { count: times }, atMs);
  };
  count("purchase-history/purchase-history-v1", 5, 10_000);
  count("purchase-history/purchase-history-v2", 2, 12_000);
  count("purchase-history/purchase-history-v2", 9, 30_000);
  count("purchase-history/purchase-history-v1", 5, 10_000, "source");
  count("default/httpbin", 7, 10_000);
  name("requests", "", 7, 11_000);
  name("header", "x-canary", 2, 11_000);
  name("header", "x-other", 3, 11_000);
  name("header", "x-canary", 2, 11_000, "purchase-history-v2");
  const service = { namespace: "purchase-history", name: "purchase-history" };
  expect(seenAt(memory, service, "x-canary", 10_000, 20_000)).toEqual({
    byVersion: new Map([
      ["v1", 5],
      ["v2", 2],
    ]),
    ...{ requests: 7, looked: 7, withName: 2 },
  });
});
