import type { Fields } from "../http1/index.ts";
import type { VerifiedToken } from "../policy/http-model.ts";
import type { Decision } from "../policy/model.ts";
import type {
  L7Backend,
  L7Cluster,
  L7HeaderEdit,
  L7RetryPolicy,
  L7Route,
  L7RouteRule,
  L7Timeouts,
} from "../xds/proxy-config.ts";
import type { HttpRequest } from "./http-request.ts";
import type { LocalReply } from "./local-reply.ts";
import type { Peer } from "./peer.ts";

/** What is known of every request once it is planned, for telemetry. */
export interface PlannedFacts {
  /** Normalized, without query; as sent where it cannot be normalized. */
  readonly path: string;
  /** Port of the listener or service. */
  readonly port: number;
  /** `<namespace>/<hostname>` of the service that was called at a waypoint; empty at a gateway. */
  readonly service: string;
  readonly route: L7Route | undefined;
  readonly rule: L7RouteRule | undefined;
  /** The decision about the request; absent where no policy applies. */
  readonly decision: Decision | undefined;
  /** What dry-run policies would have decided, when that differs. */
  readonly shadow: Decision | undefined;
  /** Matched AUDIT policies, `<namespace>/<name>`. */
  readonly audited: readonly string[];
  readonly token: VerifiedToken | undefined;
}

/** Answered here. */
export interface ReplyPlan extends PlannedFacts {
  readonly kind: "reply";
  readonly reply: LocalReply;
  /** Why it was refused, when it was. */
  readonly refusal: Refusal | undefined;
  /** Waited before answering (an injected delay in front of an abort). */
  readonly delayMs: number;
}

/** A refusal that telemetry explains; the caller sees the status and Istio's text alone. */
export interface Refusal {
  readonly reason:
    | "denied-by-policy"
    | "no-allow-policy-matched"
    | "unknown-policy"
    | "token-invalid"
    | "refused-by-authorizer"
    | "authorizer-unavailable"
    | "rate-limited";
  /** `<namespace>/<name>` */
  readonly policy: string;
  readonly rule: number;
  readonly attribute: string;
  readonly evaluated: readonly string[];
}

/** Sent on. */
export interface ForwardPlan extends PlannedFacts {
  readonly kind: "forward";
  /** Path and query to send: normalized, then rewritten. */
  readonly target: string;
  readonly authority: string;
  /** To send: `request.fields` after filters. */
  readonly fields: Fields;
  readonly backend: L7Backend;
  readonly cluster: L7Cluster;
  readonly upgrade: string | undefined;
  readonly timeouts: L7Timeouts;
  readonly retry: L7RetryPolicy;
  /** For consistent hashing. */
  readonly hash: number | undefined;
  /** Injected before the request is sent. */
  readonly delayMs: number;
  /** Clusters that get a copy. */
  readonly mirrors: readonly L7Cluster[];
  /** Edits of the response's fields, in order. */
  readonly responseEdits: readonly L7HeaderEdit[];
  /** A share of the outcome: the deadline of the caller (`grpc-timeout`), 0 for none. */
  readonly deadlineMs: number;
}

export type RequestPlan = ReplyPlan | ForwardPlan;

/** What planning may ask of the request's body. */
export interface BodyPeek {
  /** The first bytes of the body, for external authorizers; they are sent upstream afterwards. */
  peek(maxBytes: number): Promise<{ readonly data: Buffer; readonly complete: boolean }>;
}

/**
 * Judges and routes requests of one listener port or service port. Answers at once where it can (no allocation of a
 * promise on the ordinary path); with a promise for tokens seen the first time, external authorizers. Never throws and
 * never rejects: what goes wrong inside is a refusal.
 */
export interface Planner {
  plan(request: HttpRequest, peer: Peer, body: BodyPeek): RequestPlan | Promise<RequestPlan>;
  /** The refusal of a request that was let in before, by what holds now; `undefined` where it may go on. */
  judgeAgain(request: HttpRequest, peer: Peer): ReplyPlan | undefined | Promise<ReplyPlan | undefined>;
}
