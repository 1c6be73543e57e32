import type { Trace } from "@/server/contracts/traffic.ts";
import { PortalError } from "@/server/errors.ts";
import type { Portal } from "@/server/portal.ts";

/** The hops of one trace that are still remembered. Throws `not-found`. */
export function traceOf({ telemetry }: Portal, traceId: string): Trace {
  const spans = telemetry.trace(traceId);
  if (spans.length === 0) {
    throw new PortalError(
      "not-found",
      "No hop of this trace is remembered. Only sampled requests are traced, and only the newest are kept.",
    );
  }
  return {
    traceId,
    spans: spans.map(({ startUnixMs, endUnixMs, traceId: _traceId, ...span }) => ({
      ...span,
      startUnixMs,
      durationMs: Math.max(0, endUnixMs - startUnixMs),
    })),
  };
}
