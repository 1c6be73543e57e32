import type { Decision } from "../policy/model.ts";
import type { L7Backend } from "../xds/model.ts";
import type { LocalReply } from "./local-reply.ts";
import type { Endpoint } from "./mesh-view.ts";

/** How an exchange ended, for telemetry. */
export interface ExchangeOutcome {
  readonly method: string;
  /** Normalized, without query. */
  readonly path: string;
  /** As sent. */
  readonly host: string;
  /** 0 when the client got no answer. */
  readonly status: number;
  readonly flag: LocalReply["flag"] | "DC";
  readonly durationMs: number;
  /** Bodies alone. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly clientAddress: string;
  /** The Gateway's port. */
  readonly port: number;
  readonly backend?: L7Backend | undefined;
  /** The last one that was tried. */
  readonly endpoint?: Endpoint | undefined;
  readonly denial?: Decision | undefined;
  /** Empty when the request could not be read. */
  readonly traceparent: string;
}

/** Hears of every exchange once it is over. Must be quick: it runs on the path of requests. */
export type OnExchange = (outcome: ExchangeOutcome) => void;
