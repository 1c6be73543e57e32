import type { TraceSpan } from "@/server/contracts/traffic.ts";

/** A span with its place in the picture. */
export interface Bar {
  readonly span: TraceSpan;
  readonly depth: number;
  /** 0 to 1 of the whole trace. */
  readonly start: number;
  readonly width: number;
}

/** Spans as a tree, children under their parent by start; those whose parent is not known stand at the top. Pure. */
export function waterfall(spans: readonly TraceSpan[]): Bar[] {
  if (spans.length === 0) {
    return [];
  }
  const firstMs = Math.min(...spans.map(({ startUnixMs }) => startUnixMs));
  const lastMs = Math.max(...spans.map(({ startUnixMs, durationMs }) => startUnixMs + durationMs));
  const wholeMs = Math.max(lastMs - firstMs, 0.001);
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentSpanId }) => (known.has(parentSpanId) ? parentSpanId : ""));
  const bars: Bar[] = [];
  const seen = new Set<string>();
  const walk = (parent: string, depth: number): void => {
    const level = children.get(parent)?.toSorted((one, other) => one.startUnixMs - other.startUnixMs) ?? [];
    for (const span of level) {
      if (!seen.has(span.spanId)) {
        seen.add(span.spanId);
        const start = (span.startUnixMs - firstMs) / wholeMs;
        bars.push({ span, depth, start, width: Math.min(1 - start, span.durationMs / wholeMs) });
        walk(span.spanId, depth + 1);
      }
    }
  };
  walk("", 0);
  return bars;
}
