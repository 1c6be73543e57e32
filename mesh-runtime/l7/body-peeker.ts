import type { HeldBody } from "./held-body.ts";
import type { HttpRequest } from "./http-request.ts";
import { noTrailers } from "./http-response.ts";
import type { BodyPeek } from "./request-plan.ts";
import type { ClientSide } from "./wire/client-side.ts";

interface Peeked {
  readonly data: Buffer;
  readonly complete: boolean;
}

/** Reads the beginning of a request's body for the planner, before anything is sent on. */
export class BodyPeeker implements BodyPeek {
  readonly #request: HttpRequest;
  readonly #held: HeldBody;
  readonly #client: ClientSide;
  #waiting: { readonly maxBytes: number; readonly resolve: (peeked: Peeked) => void } | undefined;
  #ended = false;
  /** 100 was sent. */
  continued = false;

  constructor(request: HttpRequest, held: HeldBody, client: ClientSide) {
    this.#request = request;
    this.#held = held;
    this.#client = client;
  }

  /** Bytes of the body are waited for. */
  get reading(): boolean {
    return this.#waiting !== undefined;
  }

  peek(maxBytes: number): Promise<Peeked> {
    if (!this.continued && this.#request.fields.get("expect")?.toLowerCase() === "100-continue") {
      // The body is needed before an upstream is asked.
      this.continued = true;
      this.#client.interim(100, noTrailers);
    }
    const { promise, resolve } = Promise.withResolvers<Peeked>();
    this.#waiting = { maxBytes, resolve };
    this.moved();
    return promise;
  }

  /** The body is whole, or nobody sends it any more. */
  end(): void {
    this.#ended = true;
    this.moved();
  }

  /** More of the body is held. */
  moved(): void {
    if (this.#waiting === undefined) {
      return;
    }
    const { maxBytes, resolve } = this.#waiting;
    const { bytes } = this.#held;
    if (!this.#ended && bytes < maxBytes) {
      this.#client.resume();
      return;
    }
    this.#waiting = undefined;
    if (!this.#ended) {
      this.#client.pause();
    }
    resolve({ data: this.#held.head(maxBytes), complete: this.#ended && bytes <= maxBytes });
  }
}
