import type { AccessRecord } from "@/mesh-runtime/api/telemetry.ts";
import type { RequestRecord } from "@/server/contracts/traffic.ts";
import type { NodeFinder } from "./graph/node-ref.ts";
import type { EdgeFilter } from "./series.ts";

const recordsMax = 100;

/** Sampled requests of chosen edges, newest first. Pure. */
export function requestRecords(
  access: readonly AccessRecord[],
  finder: NodeFinder,
  filter: EdgeFilter,
  startMs: number,
  endMs: number,
): RequestRecord[] {
  const found: RequestRecord[] = [];
  for (let index = access.length - 1; index >= 0 && found.length < recordsMax; index--) {
    const record = access[index];
    if (
      record === undefined ||
      record.timeUnixMs < startMs ||
      record.timeUnixMs >= endMs + 1_000 ||
      // The waypoint's own record of the same request says more.
      (record.labels.reporter === "source" && finder.isWaypoint(record.labels) && record.responseFlags === "-")
    ) {
      continue;
    }
    const { labels } = record;
    const from = finder.source(labels);
    const to = finder.destination(labels);
    if (filter(from, to)) {
      found.push({
        timeUnixMs: record.timeUnixMs,
        from: from.id,
        to: to.id,
        method: record.method,
        path: record.path,
        code: record.responseCode,
        flags: record.responseFlags,
        durationMs: record.durationMs,
        bytes: record.requestBytes + record.responseBytes,
        sourcePod: podName(record.sourcePod),
        destinationPod: podName(record.destinationPod),
        version: labels.destination_version,
        mtls: labels.connection_security_policy === "mutual_tls",
        traceId: record.traceId,
        route: record.route,
        attempts: record.attempts,
        protocol: record.protocol,
      });
    }
  }
  return found.sort((one, other) => other.timeUnixMs - one.timeUnixMs);
}

/** Some proxies name a pod with its namespace; the nodes say that already. */
const podName = (pod: string): string => pod.split("/").at(-1) ?? pod;
