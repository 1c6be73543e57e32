import type { Duplex } from "node:stream";
import type { ResponseFlag } from "../api/telemetry.ts";
import { abort, splice } from "../hbone/splice.ts";
import { evaluateTcp, type PreparedHttpPolicies } from "../policy/index.ts";
import type { L7Cluster, L7Protocol } from "../xds/proxy-config.ts";
import type { OnTunnel, TunnelOutcome } from "./exchange-outcome.ts";
import type { Endpoint } from "./mesh-view.ts";
import type { Peer } from "./peer.ts";
import type { Dial } from "./pool/dial-upstream.ts";
import { dialFailure } from "./pool/upstream-error.ts";
import type { Refusal } from "./request-plan.ts";
import { failureReply, tryResultOf } from "./try-outcome.ts";
import { routeDefaultRetry } from "./upstream/retry-policy.ts";
import type { UpstreamRequest, Upstreams } from "./upstream/upstreams.ts";
import type { ServedConnection } from "./wire/connection.ts";

/** Where bytes are carried to, and what decides about it. */
export interface TunnelPlace {
  readonly key: string;
  readonly service: string;
  readonly port: number;
  readonly protocol: L7Protocol;
  readonly policies: PreparedHttpPolicies;
  /** Absent: nowhere. */
  readonly cluster: L7Cluster | undefined;
  /** Without a byte in either direction. */
  readonly idleMs: number;
}

export interface TunnelContext {
  readonly upstreams: Upstreams;
  readonly dial: Dial;
  readonly onTunnel: OnTunnel;
}

const connectTimeoutMs = 10_000;
const reportMs = 1_000;

/** A connection that is carried as bytes: judged once by what layer 4 knows, then spliced to an endpoint. */
export class TcpTunnel implements ServedConnection {
  readonly #stream: Duplex;
  readonly #peer: Peer;
  readonly #placeNow: () => TunnelPlace;
  #place: TunnelPlace;
  readonly #context: TunnelContext;
  #upstream: UpstreamRequest | undefined;
  #endpoint: Endpoint | undefined;
  /** The endpoint's side. */
  #far: Duplex | undefined;
  #opened = false;
  #over = false;
  #sentBytes = 0;
  #receivedBytes = 0;
  #movedMs: number;
  #reportedMs: number;

  /** `place`: what holds now. */
  constructor(stream: Duplex, peer: Peer, place: () => TunnelPlace, context: TunnelContext, nowMs: number) {
    this.#stream = stream;
    this.#peer = peer;
    this.#placeNow = place;
    this.#place = place();
    this.#context = context;
    this.#movedMs = nowMs;
    this.#reportedMs = nowMs;
  }

  /** Begins; call once. */
  start(): void {
    const { cluster } = this.#place;
    this.#stream.pause();
    this.#stream.on("error", () => undefined);
    this.#stream.once("close", () => this.#gone());
    const refusal = this.#judge();
    if (refusal !== undefined) {
      this.#refuse("RBAC_ACCESS_DENIED", refusal);
      return;
    }
    if (cluster === undefined) {
      this.#refuse("NC");
      return;
    }
    const admission = this.#context.upstreams.begin(cluster, {
      hash: undefined,
      method: "",
      grpc: false,
      retry: { ...routeDefaultRetry, on: ["connect-failure"] },
    });
    if ("refused" in admission) {
      this.#refuse("UO");
      return;
    }
    this.#upstream = admission;
    this.#dial(admission, cluster.limits.connectTimeoutMs || connectTimeoutMs);
  }

  get heldBytes(): number {
    const { readableLength, writableLength } = this.#stream;
    return readableLength + writableLength + (this.#far?.readableLength ?? 0) + (this.#far?.writableLength ?? 0);
  }

  /** Tunnels go on until their ends close them, or until the engine's time is over. */
  drain(): void {
    // Nothing to say to either end.
  }

  destroy(): void {
    abort(this.#stream);
  }

  /** Judged again: what is no longer allowed is cut, and so is what would go around the HTTP rules of its port. */
  reconfigured(): void {
    this.#place = this.#placeNow();
    const { protocol } = this.#place;
    const refusal = this.#judge();
    if (refusal !== undefined) {
      this.#refuse("RBAC_ACCESS_DENIED", refusal);
    } else if (protocol !== "TCP" && protocol !== "AUTO") {
      this.#refuse("NC");
    }
  }

  checkTimeouts(nowMs: number): void {
    if (this.#sentBytes + this.#receivedBytes > 0) {
      this.#movedMs = nowMs;
      if (nowMs - this.#reportedMs >= reportMs) {
        this.#reportedMs = nowMs;
        this.#tell("progress", "-");
      }
    } else if (nowMs - this.#movedMs > this.#place.idleMs) {
      abort(this.#stream);
    }
  }

  #judge(): Refusal | undefined {
    const { policies, port } = this.#place;
    if (policies.keys.length === 0) {
      return undefined;
    }
    const { principal, sourceIp, destinationIp, sni } = this.#peer;
    const attributes = { sourceIp, destinationIp, destinationPort: port, sni };
    const decision = evaluateTcp(
      policies,
      principal === undefined ? attributes : { ...attributes, sourcePrincipal: principal },
    );
    if (decision.allowed) {
      return undefined;
    }
    const { reason, policy = "", rule = -1, attribute = "none", evaluated } = decision;
    const known = reason === "denied-by-policy" || reason === "no-allow-policy-matched" ? reason : "unknown-policy";
    return { reason: known, policy, rule, attribute, evaluated };
  }

  #dial(upstream: UpstreamRequest, timeoutMs: number): void {
    const endpoint = upstream.next();
    if (endpoint === undefined) {
      this.#refuse("UH");
      return;
    }
    this.#endpoint = endpoint;
    this.#context.dial(endpoint, timeoutMs).then(
      (stream) => this.#connected(stream, upstream),
      (error: unknown) => {
        const failure = dialFailure(error);
        const result = tryResultOf(failure, false);
        upstream.report(result);
        if (this.#over) {
          return;
        }
        const verdict = upstream.retry(result, true);
        if ("waitMs" in verdict) {
          setTimeout(() => {
            if (!this.#over) {
              this.#dial(upstream, timeoutMs);
            }
          }, verdict.waitMs);
        } else {
          this.#refuse(failureReply(failure).flag);
        }
      },
    );
  }

  #connected(stream: Duplex, upstream: UpstreamRequest): void {
    stream.on("error", () => undefined);
    if (this.#over) {
      abort(stream);
      return;
    }
    upstream.report({ kind: "response", status: 200 });
    this.#opened = true;
    this.#far = stream;
    this.#tell("opened", "-");
    splice(this.#stream, stream, {
      onSent: (bytes) => {
        this.#sentBytes += bytes;
      },
      onReceived: (bytes) => {
        this.#receivedBytes += bytes;
      },
    });
  }

  #gone(): void {
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#upstream?.end();
    this.#tell(this.#opened ? "closed" : "refused", this.#opened ? "-" : "DC");
  }

  #refuse(flag: ResponseFlag, refusal?: Refusal): void {
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#upstream?.end();
    this.#tell(this.#opened ? "closed" : "refused", flag, refusal);
    abort(this.#stream);
  }

  #tell(phase: TunnelOutcome["phase"], flag: ResponseFlag, refusal?: Refusal): void {
    const { key: target, service, port } = this.#place;
    const { sentBytes, receivedBytes } = { sentBytes: this.#sentBytes, receivedBytes: this.#receivedBytes };
    this.#sentBytes = 0;
    this.#receivedBytes = 0;
    this.#context.onTunnel({
      phase,
      peer: this.#peer,
      target,
      service,
      port,
      endpoint: this.#endpoint,
      flag,
      sentBytes,
      receivedBytes,
      refusal,
    });
  }
}
