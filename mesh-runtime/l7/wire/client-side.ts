import type { Fields } from "../../http1/index.ts";
import type { HttpResponse } from "../http-response.ts";
import type { LocalReply } from "../local-reply.ts";

/** The client's end of one exchange, HTTP/1 or a stream of HTTP/2. */
export interface ClientSide {
  /** An informational answer. */
  interim(status: number, fields: Fields): void;
  /** The head of the answer; `fields` may be kept. */
  head(response: HttpResponse): void;
  /** A whole answer of our own. Returns the bytes of its body. */
  reply(reply: LocalReply): number;
  /** False: wait for `Exchange.clientDrained`. */
  body(data: Buffer): boolean;
  end(trailers: Fields): void;
  /** Stops and goes on with reading the request. */
  pause(): void;
  resume(): void;
  /** Answers that the protocol is switched; bytes follow both ways. */
  becomeTunnel(response: HttpResponse): void;
  /** Everything is written. The rest of the request, if there is one, is no longer wanted. */
  finished(): void;
  /** The answer cannot be completed: break the connection or stream so that the client notices. */
  breakOff(): void;
}
