import type { Lines } from "./head-lines.ts";
import { Http1Error } from "./http1-error.ts";
import type { Http1Limits } from "./limits.ts";
import { type MessageHandler, MessageReader } from "./message-reader.ts";
import { parseResponseHead, type ResponseHead } from "./response-head.ts";

/**
 * Reads responses, as a client does. Name the request with `expect` before its response; bytes that nobody asked for are
 * an error, so that a response cannot be taken for the answer to a later request.
 */
export class ResponseReader extends MessageReader<ResponseHead> {
  #method: string | undefined;

  constructor(handler: MessageHandler<ResponseHead>, limits: Partial<Http1Limits> = {}) {
    super(handler, limits);
  }

  /** A request with this method was sent; its response comes next. */
  expect(method: string): Http1Error | undefined {
    if (this.heldBytes > 0) {
      return new Http1Error("unexpected", "bytes after the end of the last response");
    }
    this.#method = method;
    return this.next();
  }

  protected override parse(lines: Lines): ResponseHead {
    if (this.#method === undefined) {
      throw new Http1Error("unexpected", "a response without a request");
    }
    const head = parseResponseHead(lines, this.#method);
    if (!this.isInterim(head)) {
      this.#method = undefined;
    }
    return head;
  }

  protected override isInterim(head: ResponseHead): boolean {
    return head.status < 200 && head.status !== 101;
  }
}
