import type { OnCopy, OnExchange } from "./exchange-outcome.ts";
import type { ForwardingRules } from "./forwarded-fields.ts";
import type { ClusterCall } from "./plan/cluster-call.ts";
import type { UpstreamPools } from "./pool/upstream-pools.ts";
import type { Planner } from "./request-plan.ts";
import type { Upstreams } from "./upstream/upstreams.ts";

/** What all exchanges of an engine share. */
export interface ExchangeContext {
  readonly pools: UpstreamPools;
  readonly upstreams: Upstreams;
  /** For mirrored requests. */
  readonly call: ClusterCall;
  readonly onExchange: OnExchange;
  readonly onCopy: OnCopy;
}

/** Where the exchanges of a connection are planned, now. */
export interface ExchangePlace {
  readonly key: string;
  readonly port: number;
  readonly planner: Planner;
  /** Without a byte in either direction, where a route says nothing. */
  readonly idleMs: number;
  readonly rules: ForwardingRules;
}
