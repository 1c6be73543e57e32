import type { Sparkline } from "@/server/contracts/names.ts";
import type { Portal } from "@/server/portal.ts";
import { isRefusal } from "@/server/traffic/graph/edge-totals.ts";
import { countsEdge, NodeFinder } from "@/server/traffic/graph/node-ref.ts";

const stepMs = 60_000;
const steps = 60;

interface Step {
  count: number;
  errors: number;
  secure: number;
  plain: number;
  denied: number;
}

/** The last hour by the minute, of the edges that count. */
export function totalSeries(
  { telemetry, inventory, traffic }: Portal,
  counts: (from: string, to: string) => boolean,
): Readonly<Record<"rps" | "answeredWell" | "mtlsShare" | "deniedPerSecond", Sparkline>> {
  const endUnixMs = traffic.liveEnd();
  const startMs = endUnixMs - steps * stepMs;
  const finder = new NodeFinder(inventory.current);
  const all = Array.from({ length: steps }, (): Step => ({ count: 0, errors: 0, secure: 0, plain: 0, denied: 0 }));
  const at = (timeMs: number, widthMs: number): Step | undefined =>
    all[Math.floor((timeMs + widthMs / 2 - startMs) / stepMs)];
  telemetry.requests.each(startMs, endUnixMs, ({ labels, responseCode, responseFlags }, { count }, timeMs, widthMs) => {
    const step = at(timeMs, widthMs);
    const from = finder.source(labels);
    if (step === undefined || !countsEdge(labels, "-", finder) || !counts(from.id, finder.destination(labels).id)) {
      return;
    }
    if (isRefusal(responseFlags)) {
      return;
    }
    step.count += count;
    step.errors += responseCode === 0 || responseCode >= 500 ? count : 0;
    if (from.kind !== "outside") {
      step.secure += labels.connection_security_policy === "mutual_tls" ? count : 0;
      step.plain += labels.connection_security_policy === "none" ? count : 0;
    }
  });
  telemetry.denials.each(startMs, endUnixMs, ({ labels }, { count }, timeMs, widthMs) => {
    const step = at(timeMs, widthMs);
    if (step !== undefined && counts(finder.source(labels).id, finder.destination(labels).id)) {
      step.denied += count;
    }
  });
  const oldest = telemetry.requests.oldestMs ?? Number.POSITIVE_INFINITY;
  const line = (value: (step: Step) => number | null): Sparkline => ({
    stepSeconds: stepMs / 1_000,
    endUnixMs,
    values: all.map((step, index) => (startMs + (index + 1) * stepMs > oldest ? value(step) : null)),
  });
  return {
    rps: line(({ count }) => count / (stepMs / 1_000)),
    answeredWell: line(({ count, errors }) => (count === 0 ? null : 1 - errors / count)),
    mtlsShare: line(({ secure, plain }) => (secure + plain === 0 ? null : secure / (secure + plain))),
    deniedPerSecond: line(({ denied }) => denied / (stepMs / 1_000)),
  };
}
