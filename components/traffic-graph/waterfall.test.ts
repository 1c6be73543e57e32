import { describe, expect, test } from "vitest";
import type { TraceSpan } from "@/server/contracts/traffic.ts";
import { waterfall } from "./waterfall.ts";

const span = (spanId: string, parentSpanId: string, startUnixMs: number, durationMs: number): TraceSpan => ({
  spanId,
  parentSpanId,
  name: spanId,
  kind: "server",
  startUnixMs,
  durationMs,
  failed: false,
  attributes: {},
});
const drawn = (spans: readonly TraceSpan[]) =>
  waterfall(spans).map((bar) => [bar.span.spanId, bar.depth, bar.start, bar.width]);

describe("a trace as a waterfall", () => {
  test("children stand under their parent, by start, as parts of the whole", () => {
    expect(
      drawn([span("c", "a", 150, 50), span("b", "a", 110, 20), span("d", "c", 160, 20), span("a", "", 100, 100)]),
    ).toEqual([
      ["a", 0, 0, 1],
      ["b", 1, 0.1, 0.2],
      ["c", 1, 0.5, 0.5],
      ["d", 2, 0.6, 0.2],
    ]);
  });

  test("a span whose parent was not sampled stands at the top", () => {
    expect(drawn([span("b", "gone", 0, 10), span("a", "", 5, 5)]).map(([id, depth]) => [id, depth])).toEqual([
      ["b", 0],
      ["a", 0],
    ]);
  });

  test("spans that name each other as parents are left out instead of drawn for ever", () => {
    expect(drawn([span("a", "b", 0, 1), span("b", "a", 0, 1)])).toEqual([]);
  });

  test("nothing gives nothing, and a moment has a place", () => {
    expect(drawn([])).toEqual([]);
    expect(drawn([span("a", "", 7, 0)])).toEqual([["a", 0, 0, 0]]);
  });
});
