import type { ResponseFlag } from "../api/telemetry.ts";
import type { L7Cluster } from "../xds/proxy-config.ts";
import type { HttpRequest } from "./http-request.ts";
import type { Endpoint } from "./mesh-view.ts";
import type { Peer } from "./peer.ts";
import type { ForwardPlan, RequestPlan } from "./request-plan.ts";

/** How an exchange ended, for telemetry. */
export interface ExchangeOutcome {
  /** Absent when the request could not be read. */
  readonly request: HttpRequest | undefined;
  /** Absent when the request ended before it was planned. */
  readonly plan: RequestPlan | undefined;
  readonly peer: Peer;
  /** Key of the `EngineTarget`. */
  readonly target: string;
  readonly port: number;
  /** 0 when the client got no answer. */
  readonly status: number;
  /** -1: no gRPC. */
  readonly grpcStatus: number;
  readonly flag: ResponseFlag;
  readonly startedUnixMs: number;
  readonly durationMs: number;
  /** Bodies alone. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** The last one that was tried. */
  readonly endpoint: Endpoint | undefined;
  /** Tries made. */
  readonly attempts: number;
  /** Messages of gRPC streams, both ways; 0 otherwise. */
  readonly requestMessages: number;
  readonly responseMessages: number;
}

/** A connection that was carried as bytes (TCP), for telemetry: told when it opens, about once a second, and when it closes. */
export interface TunnelOutcome {
  readonly phase: "opened" | "progress" | "closed" | "refused";
  readonly peer: Peer;
  readonly target: string;
  readonly service: string;
  readonly port: number;
  readonly endpoint: Endpoint | undefined;
  readonly flag: ResponseFlag;
  /** Since the last report. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly refusal: import("./request-plan.ts").Refusal | undefined;
}

/**
 * What became of a copy of a request: told when it is sent and when it is over, or that it was not sent, because its
 * body was too long to be kept or the request ended before it was whole or had got anywhere.
 */
export type CopyOutcome = {
  /** That of the request that was copied. */
  readonly plan: ForwardPlan;
  /** Where the copy goes. */
  readonly cluster: L7Cluster;
} & (
  | { readonly phase: "sent" | "not-sent" }
  | {
      readonly phase: "ended";
      /** 0: no answer. */
      readonly status: number;
      /** -1: no gRPC. */
      readonly grpcStatus: number;
      readonly flag: ResponseFlag;
      /** From the moment that the request was whole to the end of the answer. */
      readonly durationMs: number;
    }
);

/** Hears of every exchange once it is over. Must be quick: it runs on the path of requests. */
export type OnExchange = (outcome: ExchangeOutcome) => void;
export type OnTunnel = (outcome: TunnelOutcome) => void;
export type OnCopy = (outcome: CopyOutcome) => void;
