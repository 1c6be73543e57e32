import type { L7Backend } from "../xds/model.ts";
import { chooseEndpoint } from "./choose-endpoint.ts";
import { type LocalReply, localReplies } from "./local-reply.ts";
import type { Endpoint, MeshView } from "./mesh-view.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";
import { UpstreamError, type UpstreamErrorCode } from "./upstream-error.ts";
import type { UpstreamPools } from "./upstream-pools.ts";

/** Where connections come from. */
export interface SearchContext {
  readonly view: MeshView;
  readonly pools: UpstreamPools;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Who looks for a connection. */
export interface SearchListener {
  /** A connection must be dialled first: nothing can be sent yet. */
  onWaiting(): void;
  onConnection(connection: UpstreamConnection): void;
  /** There is none to be had. */
  onNone(reply: LocalReply): void;
}

/** Dials for one request: the first and two more, as Istio's gateways retry `connect-failure`. */
const dialsMax = 3;
const retryBaseMs = 25;

const replyTo: Readonly<Record<UpstreamErrorCode, LocalReply>> = {
  denied: localReplies.upstreamDenied,
  overflow: localReplies.overflow,
  connect: localReplies.connectFailure,
  reset: localReplies.connectFailure,
  protocol: localReplies.connectFailure,
};

/** Finds a connection for one request: a kept one, or a new one, elsewhere if an endpoint cannot be reached. */
export class UpstreamSearch {
  readonly #context: SearchContext;
  readonly #backend: L7Backend;
  readonly #listener: SearchListener;
  readonly #tried = new Set<string>();
  #dials = 0;
  #over = false;
  /** The endpoint that was chosen last. */
  endpoint: Endpoint | undefined;

  constructor(context: SearchContext, backend: L7Backend, listener: SearchListener) {
    this.#context = context;
    this.#backend = backend;
    this.#listener = listener;
  }

  /** Looks for a connection; `fresh` passes by those that were kept. */
  begin({ fresh = false } = {}): void {
    const { view, pools, random } = this.#context;
    const endpoints = view.endpoints(this.#backend.service, this.#backend.port) ?? [];
    const endpoint = chooseEndpoint(endpoints, (candidate) => pools.load(candidate), this.#tried, random);
    if (endpoint === undefined) {
      this.#listener.onNone(localReplies.noHealthyUpstream);
      return;
    }
    this.endpoint = endpoint;
    const idle = fresh ? undefined : pools.takeIdle(endpoint);
    if (idle !== undefined) {
      this.#listener.onConnection(idle);
      return;
    }
    this.#dials++;
    this.#listener.onWaiting();
    pools.connect(endpoint).then(
      (connection) => (this.#over ? connection.abort() : this.#listener.onConnection(connection)),
      (error: unknown) => this.#failed(endpoint, error),
    );
  }

  /** Nobody waits for the outcome any more. */
  cancel(): void {
    this.#over = true;
  }

  #failed(endpoint: Endpoint, error: unknown): void {
    if (this.#over) {
      return;
    }
    const code = error instanceof UpstreamError ? error.code : "connect";
    this.#tried.add(endpoint.key);
    if (code !== "connect" || this.#dials >= dialsMax) {
      this.#listener.onNone(replyTo[code]);
      return;
    }
    const waitMs = retryBaseMs * 2 ** (this.#dials - 1) * this.#context.random();
    setTimeout(() => {
      if (!this.#over) {
        this.begin();
      }
    }, waitMs);
  }
}
