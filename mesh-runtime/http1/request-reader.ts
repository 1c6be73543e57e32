import type { Lines } from "./head-lines.ts";
import type { Http1Limits } from "./limits.ts";
import { type MessageHandler, MessageReader } from "./message-reader.ts";
import { parseRequestHead, type RequestHead } from "./request-head.ts";

/** Reads requests, as a server does. */
export class RequestReader extends MessageReader<RequestHead> {
  constructor(handler: MessageHandler<RequestHead>, limits: Partial<Http1Limits> = {}) {
    super(handler, limits);
  }

  protected override parse(lines: Lines): RequestHead {
    return parseRequestHead(lines);
  }

  protected override isInterim(): boolean {
    return false;
  }
}
