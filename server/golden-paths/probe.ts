/** A request that shows whether a change has its effect; sent for real once the proxies have confirmed it. */

/** Who sends. */
export type ProbeSource =
  | { readonly kind: "workload"; readonly namespace: string; readonly workload: string }
  /** From outside, through the ingress gateway. */
  | { readonly kind: "outside" };

/** What the answer must be. */
export type ProbeExpectation =
  /** Any answer of the service itself; refused by nobody. */
  | { readonly kind: "reaches" }
  /** 401 or 403 of a proxy, or a connection that is reset; what the application itself refuses was reached. */
  | { readonly kind: "refused" }
  | { readonly kind: "status"; readonly status: number };

/** Only methods without effects: GET, HEAD, OPTIONS. */
export interface Probe {
  readonly source: ProbeSource;
  readonly method: "GET" | "HEAD" | "OPTIONS";
  /** Absolute, by the service's name: `http://httpbin.default:8000/headers`. */
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly expect: ProbeExpectation;
  /** "as sleep: GET /headers with x-test-me". */
  readonly sentence: string;
}
