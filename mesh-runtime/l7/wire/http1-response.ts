import {
  chunkedBody,
  type Fields,
  type Framing,
  fieldText,
  noBody,
  responseHeadText,
  untilClose,
} from "../../http1/index.ts";
import type { HttpResponse } from "../http-response.ts";
import { type LocalReply, writtenReply } from "../local-reply.ts";

/** Writes the head of an answer for an HTTP/1 client: framing by what the client understands. */
export function http1Head(
  response: HttpResponse,
  minorVersion: 0 | 1,
  mustClose: boolean,
): { readonly text: string; readonly framing: Framing; readonly close: boolean } {
  const { status, reason, body, announcedLength } = response;
  let { fields } = response;
  let framing: Framing = noBody;
  if (body.kind === "length") {
    framing = body;
  } else if (body.kind === "stream") {
    framing = minorVersion === 1 ? chunkedBody : untilClose;
  } else if (announcedLength !== undefined && /^\d{1,16}$/.test(announcedLength)) {
    // Says how long the body would be; there is none (RFC 9110 §8.6).
    fields = fields.copy();
    fields.add("content-length", announcedLength);
  }
  const close = mustClose || framing.kind === "close" || minorVersion === 0;
  return {
    text: responseHeadText({ status, reason, fields, framing, connection: close ? "close" : undefined }),
    framing,
    close,
  };
}

/** What ends a body; only the chunked coding has something to write. */
export function bodyEndText(framing: Framing, trailers: Fields): string {
  if (framing.kind !== "chunked") {
    return "";
  }
  return trailers.size === 0 ? "0\r\n\r\n" : `0\r\n${fieldText(trailers)}\r\n`;
}

/** A reply of our own. `head` is latin1 text. */
export function http1Reply(
  reply: LocalReply,
  method: string,
  grpc: boolean,
  close: boolean,
): { readonly head: string; readonly body: Buffer } {
  const { status, fields, body, length } = writtenReply(reply, method, grpc);
  const connection = close ? "close" : undefined;
  return { head: responseHeadText({ status, fields, framing: { kind: "length", length }, connection }), body };
}
