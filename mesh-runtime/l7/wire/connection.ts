import type { ExchangeContext, ExchangePlace } from "../exchange-context.ts";
import type { LocalReply } from "../local-reply.ts";
import type { Peer } from "../peer.ts";

/** Times in milliseconds. */
export interface ClientTimeouts {
  /** From the first byte of a head (or from accepting the connection) to its last. */
  readonly headMs: number;
  /** Between messages. */
  readonly idleMs: number;
  /** Without a byte while the request's body is due. */
  readonly bodyIdleMs: number;
  /** How long a connection that is being closed may still be read, so that the client sees the answer. */
  readonly lingerMs: number;
  /** A body must come at least this fast, in bytes a second, unless it may trickle (`mayTrickle`). 0: any speed. */
  readonly bodyBytesPerSecond: number;
  /** How often that is judged. */
  readonly bodyWindowMs: number;
}

export const clientTimeouts: ClientTimeouts = {
  headMs: 10_000,
  idleMs: 75_000,
  bodyIdleMs: 300_000,
  lingerMs: 1_000,
  bodyBytesPerSecond: 100,
  bodyWindowMs: 30_000,
};

/** What connections of all kinds are made of. */
export interface ConnectionContext extends ExchangeContext {
  readonly timeouts: ClientTimeouts;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly peer: Peer;
  /** The place now; looked up for every request, so that a kept connection follows the configuration. */
  readonly place: () => ExchangePlace;
  /** Open requests, for `Engine.openRequests`. */
  readonly counters: { requests: number };
}

/** A client's connection that speaks HTTP. */
export interface ServedConnection {
  /** Bytes that wait in memory for either end. */
  readonly heldBytes: number;
  /**
   * Ends the connection as soon as nothing is under way and, where the protocol cannot announce it, nothing has been for
   * `quietMs` (default 0): a client may be sending its next request right now.
   */
  drain(quietMs?: number): void;
  destroy(): void;
  /** New configuration is in force. New requests look it up by themselves; those under way are judged again. */
  reconfigured?(): void;
  /** Enforces the timeouts; called about once a second. */
  checkTimeouts(nowMs: number): void;
}

/** Tells telemetry of a request that could not be read: it has neither method nor path to be counted by. */
export function countMalformed({ onExchange, peer, place }: ConnectionContext, status: number): void {
  const { key, port } = place();
  onExchange({
    request: undefined,
    plan: undefined,
    peer,
    target: key,
    port,
    status,
    grpcStatus: -1,
    flag: "DPE",
    startedUnixMs: Date.now(),
    durationMs: 0,
    requestBytes: 0,
    responseBytes: 0,
    endpoint: undefined,
    attempts: 0,
    requestMessages: 0,
    responseMessages: 0,
  });
}

export const malformedReply = (status: number, detail: string): LocalReply => ({ status, flag: "DPE", body: detail });
