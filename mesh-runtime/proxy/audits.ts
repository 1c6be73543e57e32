import { labelText, type PrometheusPage } from "../telemetry/prometheus-page.ts";

/** Requests that a policy matched. */
export type AuditCount = readonly [policy: string, requests: number];

/** Policies that are remembered; a configuration has as many as it names. */
const policiesMax = 1_000;

/** Requests that AUDIT policies matched, by policy (`<namespace>/<name>`), since this process started. */
export class Audits {
  readonly #totals = new Map<string, number>();
  #taken = new Map<string, number>();

  /** Counts one request. */
  matched(policies: readonly string[]): void {
    for (const policy of policies) {
      this.#add(policy, 1);
    }
  }

  get totals(): ReadonlyMap<string, number> {
    return this.#totals;
  }

  /** What was counted since the last call. */
  take(): AuditCount[] {
    const changed = [...this.#totals].flatMap(([policy, total]): AuditCount[] => {
      const more = total - (this.#taken.get(policy) ?? 0);
      return more === 0 ? [] : [[policy, more]];
    });
    this.#taken = new Map(this.#totals);
    return changed;
  }

  /** Takes over what another thread of this proxy counted. */
  absorb(counts: readonly AuditCount[]): void {
    for (const [policy, requests] of counts) {
      this.#add(policy, requests);
    }
  }

  #add(policy: string, requests: number): void {
    const known = this.#totals.get(policy);
    if (known !== undefined || this.#totals.size < policiesMax) {
      this.#totals.set(policy, (known ?? 0) + requests);
    }
  }
}

/** Adds the counts to the metrics page. */
export function addAuditMetrics(page: PrometheusPage, { totals }: Audits): void {
  for (const [key, requests] of totals) {
    const [policy_namespace = "", policy = ""] = key.split("/");
    const help = "Requests that an AUDIT policy matched.";
    page.counter("towpath_audited_requests_total", help, labelText({ policy_namespace, policy }), requests);
  }
}
