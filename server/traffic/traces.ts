import type { Trace } from "@/server/contracts/traffic.ts";
import type { Portal } from "@/server/portal.ts";

/** The hops of one trace that are still remembered; none when it was not sampled, or is older than what is kept. */
export function traceOf({ telemetry }: Pick<Portal, "telemetry">, traceId: string): Trace {
  return {
    traceId,
    spans: telemetry.trace(traceId).map(({ startUnixMs, endUnixMs, traceId: _traceId, ...span }) => ({
      ...span,
      startUnixMs,
      durationMs: Math.max(0, endUnixMs - startUnixMs),
    })),
  };
}
