import { type Fields, isNamed } from "./fields.ts";
import { Http1Error } from "./http1-error.ts";

/** How a body ends (RFC 9112 §6). `close`: with the connection. `tunnel`: no message body any more, bytes both ways. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" }
  | { readonly kind: "tunnel" };

export const noBody: Framing = { kind: "none" };
export const chunkedBody: Framing = { kind: "chunked" };
export const untilClose: Framing = { kind: "close" };
export const tunnel: Framing = { kind: "tunnel" };

/** The fields that decide about framing and the connection, gathered in one pass. */
export interface MessageFacts {
  host: string | undefined;
  contentLength: number | undefined;
  chunked: boolean;
  /** Options of `Connection`, lower case. */
  connection: readonly string[];
  upgrade: string | undefined;
  expectsContinue: boolean;
}

const none: readonly string[] = [];

/**
 * Gathers the facts and refuses what makes framing or routing ambiguous.
 * @throws Http1Error
 */
export function gatherFacts({ list }: Fields, minorVersion: 0 | 1): MessageFacts {
  const facts: MessageFacts = {
    host: undefined,
    contentLength: undefined,
    chunked: false,
    connection: none,
    upgrade: undefined,
    expectsContinue: false,
  };
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] ?? "";
    const value = list[index + 1] ?? "";
    switch (name.length) {
      case 4:
        if (isNamed(name, "host")) {
          if (facts.host !== undefined) {
            throw new Http1Error("host", "more than one Host");
          }
          facts.host = value;
        }
        break;
      case 6:
        if (isNamed(name, "expect")) {
          facts.expectsContinue = value.toLowerCase() === "100-continue";
        }
        break;
      case 7:
        if (isNamed(name, "upgrade")) {
          facts.upgrade = facts.upgrade === undefined ? value : `${facts.upgrade}, ${value}`;
        }
        break;
      case 10:
        if (isNamed(name, "connection")) {
          facts.connection = [...facts.connection, ...connectionOptions(value)];
        }
        break;
      case 14:
        if (isNamed(name, "content-length")) {
          if (facts.contentLength !== undefined) {
            throw new Http1Error("content-length", "more than one Content-Length");
          }
          facts.contentLength = parseLength(value);
        }
        break;
      case 17:
        if (isNamed(name, "transfer-encoding")) {
          if (facts.chunked) {
            throw new Http1Error("transfer-encoding", "more than one Transfer-Encoding");
          }
          if (value.toLowerCase() !== "chunked") {
            throw new Http1Error("transfer-coding", "only the transfer coding chunked is known");
          }
          facts.chunked = true;
        }
        break;
    }
  }
  if (facts.chunked && facts.contentLength !== undefined) {
    throw new Http1Error("content-length", "Content-Length together with Transfer-Encoding");
  }
  if (facts.chunked && minorVersion === 0) {
    throw new Http1Error("transfer-encoding", "Transfer-Encoding in HTTP/1.0");
  }
  return facts;
}

/** Whether the connection outlives the message (RFC 9112 §9.3). */
export const keepsAlive = ({ connection }: MessageFacts, minorVersion: 0 | 1): boolean =>
  !connection.includes("close") && (minorVersion === 1 || connection.includes("keep-alive"));

function connectionOptions(value: string): string[] {
  return value
    .toLowerCase()
    .split(",")
    .map((option) => option.trim())
    .filter((option) => option !== "");
}

function parseLength(value: string): number {
  if (!/^\d{1,16}$/.test(value) || Number(value) > Number.MAX_SAFE_INTEGER) {
    throw new Http1Error("content-length", "not a number of bytes");
  }
  return Number(value);
}
