import { Fields } from "../http1/index.ts";

/** The head of a response as it travels through the engine, whichever protocol brought it. */
export interface HttpResponse {
  readonly status: number;
  /** HTTP/1 only; it has no meaning. */
  readonly reason: string | undefined;
  /** End-to-end fields; framing is made anew. */
  readonly fields: Fields;
  /** `none`: there is no body, whatever `announcedLength` says. */
  readonly body:
    | { readonly kind: "none" }
    | { readonly kind: "length"; readonly length: number }
    | { readonly kind: "stream" };
  /** Content-Length of an answer without a body (HEAD, 304): what GET would have (RFC 9110 §8.6). */
  readonly announcedLength: string | undefined;
  /** With status 101, and with 200 of an extended CONNECT: the connection is a tunnel from here on. */
  readonly tunnel: boolean;
  /** Protocol switched to. */
  readonly upgrade: string | undefined;
}

export const noTrailers = new Fields();
