import { type ClientHttp2Session, connect, constants } from "node:http2";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import type { Endpoint } from "../mesh-view.ts";
import { http2Wire } from "../wire/http2-wire.ts";
import { Http2Call } from "./http2-call.ts";

/** Streams that are assumed to be allowed before the peer's SETTINGS say so. */
const streamsBeforeSettings = 100;

/** One HTTP/2 connection to an endpoint, carrying many exchanges. */
export class Http2Session {
  readonly endpoint: Endpoint;
  readonly #session: ClientHttp2Session;
  readonly #onChange: () => void;
  #streams = 0;
  #requests = 0;
  #requestsMax: number;
  #closing = false;
  idleSinceMs = performance.now();

  /** `onChange`: there may be room, or the session is gone. `requestsMax`: 0 for no limit. */
  constructor(endpoint: Endpoint, stream: Duplex, requestsMax: number, onChange: () => void) {
    this.endpoint = endpoint;
    this.#requestsMax = requestsMax === 0 ? Number.POSITIVE_INFINITY : requestsMax;
    this.#onChange = onChange;
    stream.on("error", () => undefined);
    this.#session = connect("http://upstream", {
      createConnection: () => stream,
      settings: { ...http2Wire.settings, enablePush: false },
      maxSessionMemory: http2Wire.sessionMemoryMb,
      maxHeaderListPairs: http2Wire.fieldsMax,
    });
    this.#session.on("connect", () => {
      if (!this.#session.destroyed) {
        this.#session.setLocalWindowSize(http2Wire.sessionWindowBytes);
      }
    });
    this.#session.on("remoteSettings", onChange);
    this.#session.on("error", () => undefined);
    this.#session.on("goaway", () => this.drain());
    this.#session.on("close", () => {
      this.#closing = true;
      onChange();
    });
  }

  /** Takes no more requests; gone once the open ones are over. */
  get closing(): boolean {
    return this.#closing || this.#session.destroyed || this.#session.closed || this.#requests >= this.#requestsMax;
  }

  get gone(): boolean {
    return this.#session.destroyed;
  }

  get streams(): number {
    return this.#streams;
  }

  get hasRoom(): boolean {
    const theirs = this.#session.remoteSettings?.maxConcurrentStreams ?? streamsBeforeSettings;
    return !this.closing && this.#streams < theirs;
  }

  /** A call on a stream of this session; the stream opens with its request. */
  call(): Http2Call {
    this.#streams++;
    this.#requests++;
    return new Http2Call(this.endpoint, this.#session, () => this.#left());
  }

  /** Lets open streams finish. */
  drain(): void {
    this.#closing = true;
    if (!this.#session.closed && !this.#session.destroyed) {
      this.#session.close();
    }
    this.#onChange();
  }

  destroy(): void {
    this.#closing = true;
    this.#session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
  }

  #left(): void {
    this.#streams--;
    this.idleSinceMs = performance.now();
    if (this.#requests >= this.#requestsMax && this.#streams === 0) {
      this.drain();
    } else {
      this.#onChange();
    }
  }
}
