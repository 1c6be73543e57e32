import type { L7Listener, L7Service, L7ServicePort, L7WorkloadTarget, ProxyConfig } from "../../xds/proxy-config.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import type { ClusterCall } from "./cluster-call.ts";
import type { PlannerMemory } from "./planner-memory.ts";

/** The place whose requests are planned. */
export type PlannerScope =
  /** The listeners of one port. */
  | { readonly kind: "gateway"; readonly listeners: readonly L7Listener[] }
  | { readonly kind: "service"; readonly service: L7Service; readonly port: L7ServicePort }
  | { readonly kind: "workload"; readonly target: L7WorkloadTarget; readonly port: number };

export interface PlannerOptions {
  readonly config: ProxyConfig;
  readonly scope: PlannerScope;
  readonly upstreams: Upstreams;
  readonly call: ClusterCall;
  /** One per engine, so that counts of rate limits and verified tokens outlive a configuration. */
  readonly memory: PlannerMemory;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** A token names a key that its issuer's set lacks. Told on the path of requests, once for each such token. */
  readonly onUnknownKey?: ((issuer: string) => void) | undefined;
}
