import { isToken, isVisible, SP } from "./characters.ts";
import { Fields } from "./fields.ts";
import { chunkedBody, type Framing, gatherFacts, keepsAlive, noBody } from "./framing.ts";
import type { Lines } from "./head-lines.ts";
import { Http1Error } from "./http1-error.ts";
import { parseFields } from "./parse-fields.ts";
import { parseTarget, type Target } from "./request-target.ts";

/** A request without its body. */
export interface RequestHead {
  readonly method: string;
  readonly target: Target;
  readonly minorVersion: 0 | 1;
  readonly fields: Fields;
  readonly framing: Framing;
  /** The client wants the connection kept. */
  readonly keepAlive: boolean;
  /** Options of `Connection`, lower case. */
  readonly connection: readonly string[];
  /** Protocols of `Upgrade` when `Connection` nominates it. */
  readonly upgrade: string | undefined;
  readonly expectsContinue: boolean;
}

/**
 * Reads a request head.
 * @throws Http1Error
 */
export function parseRequestHead(lines: Lines): RequestHead {
  const { bytes, bounds } = lines;
  const start = bounds[0] ?? 0;
  const end = bounds[1] ?? 0;
  const text = bytes.toString("latin1", 0, lines.end);
  let at = start;
  while (isToken[bytes[at] ?? 0] === 1) {
    at++;
  }
  if (at === start || bytes[at] !== SP) {
    throw new Http1Error("method", "the method is no token");
  }
  const method = text.slice(start, at);
  const targetStart = ++at;
  while (isVisible[bytes[at] ?? 0] === 1) {
    at++;
  }
  if (at === targetStart || bytes[at] !== SP) {
    throw new Http1Error("request-line", "no target, or a character that must not stand in it");
  }
  const minorVersion = parseVersion(text.slice(at + 1, end));
  const fields = new Fields(parseFields(lines, text, 1));
  const facts = gatherFacts(fields, minorVersion);
  const target = parseTarget(method, text.slice(targetStart, at), facts.host, minorVersion);
  return {
    method,
    target,
    minorVersion,
    fields,
    framing: requestFraming(method, facts.chunked, facts.contentLength),
    keepAlive: keepsAlive(facts, minorVersion),
    connection: facts.connection,
    upgrade: minorVersion === 1 && facts.connection.includes("upgrade") ? facts.upgrade : undefined,
    expectsContinue: minorVersion === 1 && facts.expectsContinue,
  };
}

/** @throws Http1Error */
export function parseVersion(text: string): 0 | 1 {
  if (text === "HTTP/1.1") {
    return 1;
  }
  if (text === "HTTP/1.0") {
    return 0;
  }
  throw /^HTTP\/\d\.\d$/.test(text)
    ? new Http1Error("version", "neither HTTP/1.1 nor HTTP/1.0")
    : new Http1Error("request-line", "no HTTP version at its end");
}

function requestFraming(method: string, chunked: boolean, length: number | undefined): Framing {
  if (method === "CONNECT" && (chunked || length !== undefined)) {
    throw new Http1Error("content-length", "CONNECT with a body");
  }
  if (chunked) {
    return chunkedBody;
  }
  return length === undefined ? noBody : { kind: "length", length };
}
