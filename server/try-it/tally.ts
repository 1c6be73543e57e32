import type { TryEvent } from "@/server/contracts/try-it.ts";
import type { TryAnswer } from "./answer-line.ts";

type End = Extract<TryEvent, { type: "end" }>;

/** Adds answers up for the last line. Pure. */
export class Tally {
  readonly #byStatus = new Map<number, number>();
  readonly #byVersion = new Map<string, number>();
  readonly #latencies: number[] = [];
  sent = 0;
  /** Requests without an answer, or with one of 400 and above. */
  failed = 0;

  add({ status, version, latencyMs }: TryAnswer): void {
    this.sent++;
    this.failed += status === 0 || status >= 400 ? 1 : 0;
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    if (version !== "") {
      this.#byVersion.set(version, (this.#byVersion.get(version) ?? 0) + 1);
    }
    this.#latencies.push(latencyMs);
  }

  /** Whether some answer had this status. */
  saw(status: number): boolean {
    return this.#byStatus.has(status);
  }

  end(denials: End["denials"], behind: End["behind"], error: string): End {
    const sorted = this.#latencies.toSorted((one, other) => one - other);
    const quantile = (q: number): number | null =>
      sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? null;
    return {
      type: "end",
      sent: this.sent,
      byStatus: [...this.#byStatus].map(([status, count]) => ({ status, count })),
      byVersion: [...this.#byVersion].sort().map(([version, count]) => ({ version, count })),
      p50Ms: quantile(0.5),
      p95Ms: quantile(0.95),
      p99Ms: quantile(0.99),
      denials,
      behind,
      error,
    };
  }
}
