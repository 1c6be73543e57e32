import type { CopyDelta } from "../api/telemetry.ts";
import { DeltaCounter, DurationHistogram } from "./counters.ts";

type Service = CopyDelta["of"];

/** One copy that is over, as a proxy saw it. */
export interface CopyEnded {
  /** `<namespace>/<hostname>` of the service whose request it is. */
  readonly of: string;
  readonly to: Service;
  /** 0: no answer. */
  readonly responseCode: number;
  readonly responseFlags: CopyDelta["responseFlags"];
  /** -1: no gRPC. */
  readonly grpcStatus: number;
  readonly durationMs: number;
}

/** Copies that were answered alike. */
export interface CopySeries extends Pick<CopyDelta, "of" | "to" | "responseCode" | "responseFlags"> {
  /** -1: no gRPC. */
  readonly grpcStatus: number;
  readonly count: DeltaCounter;
  readonly durations: DurationHistogram;
  lastUsedMs: number;
}

/** New ones beyond it are not taken. */
const seriesMax = 2_000;
const idleMs = 60 * 60_000;

/** Outcomes of mirrored copies, apart from all traffic: by service copied, service that got them, and answer. */
export class CopyRecorder {
  readonly series = new Map<string, CopySeries>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  ended({ of, to, responseCode, responseFlags, grpcStatus, durationMs }: CopyEnded): void {
    const [serviceNamespace = "", service = ""] = of.split("/");
    const series = this.#of({ of: { service, serviceNamespace }, to, responseCode, responseFlags, grpcStatus });
    if (series !== undefined) {
      series.count.total++;
      series.durations.record(durationMs);
    }
  }

  /** Takes over what another thread counted. */
  absorb({ grpcStatus = -1, count, durationBuckets, durationSumMs, ...identity }: CopyDelta): void {
    const series = this.#of({ ...identity, grpcStatus });
    if (series !== undefined) {
      series.count.total += count;
      series.durations.add(durationBuckets, durationSumMs);
    }
  }

  /** What changed since the last call; what was idle for an hour is forgotten. */
  take(): CopyDelta[] {
    const deltas: CopyDelta[] = [];
    for (const [key, { count, durations, grpcStatus, lastUsedMs, ...identity }] of this.series) {
      const changed = count.take();
      if (changed > 0) {
        const { buckets, sumMs } = durations.take();
        deltas.push({
          ...identity,
          ...(grpcStatus < 0 ? {} : { grpcStatus }),
          count: changed,
          durationSumMs: sumMs,
          durationBuckets: buckets,
        });
      } else if (this.#now() - lastUsedMs > idleMs) {
        this.series.delete(key);
      }
    }
    return deltas;
  }

  #of(identity: Omit<CopySeries, "count" | "durations" | "lastUsedMs">): CopySeries | undefined {
    const { of, to, responseCode, responseFlags, grpcStatus } = identity;
    const key = `${nameOf(of)}|${nameOf(to)}|${responseCode}|${responseFlags}|${grpcStatus}`;
    let series = this.series.get(key);
    if (series === undefined) {
      if (this.series.size >= seriesMax) {
        return undefined;
      }
      series = { ...identity, count: new DeltaCounter(), durations: new DurationHistogram(), lastUsedMs: 0 };
      this.series.set(key, series);
    }
    series.lastUsedMs = this.#now();
    return series;
  }
}

const nameOf = ({ serviceNamespace, service }: Service): string => `${serviceNamespace}/${service}`;
