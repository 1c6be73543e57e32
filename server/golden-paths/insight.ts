/** What observed traffic tells golden paths, for findings and good defaults. Plain data; made by `server/traffic`. */
import type { ServiceRef } from "@/server/contracts/names.ts";

/** A method and path of a service as they were seen; paths are templates (`/users/{id}`). */
export interface SeenPath {
  readonly method: string;
  readonly path: string;
  readonly requests: number;
  readonly errors: number;
  readonly p99Ms: number;
}

/** Calls from one workload's service to another. */
export interface SeenCall {
  readonly from: ServiceRef;
  readonly to: ServiceRef;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
}

export interface TrafficInsight {
  /** Window that it stands for. */
  readonly seconds: number;
  /** Most frequent first; empty when nothing was seen. */
  paths(service: ServiceRef): readonly SeenPath[];
  /** Of all its requests; 0 when nothing was seen. */
  p99Ms(service: ServiceRef): number;
  /** Between services of the mesh. */
  readonly calls: readonly SeenCall[];
}

/** Nothing was seen. */
export const noTraffic: TrafficInsight = { seconds: 3_600, paths: () => [], p99Ms: () => 0, calls: [] };
