import { isFieldValue } from "./characters.ts";
import { Fields } from "./fields.ts";
import {
  chunkedBody,
  type Framing,
  gatherFacts,
  keepsAlive,
  type MessageFacts,
  noBody,
  tunnel,
  untilClose,
} from "./framing.ts";
import type { Lines } from "./head-lines.ts";
import { Http1Error } from "./http1-error.ts";
import { parseFields } from "./parse-fields.ts";

/** A response without its body. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly minorVersion: 0 | 1;
  readonly fields: Fields;
  readonly framing: Framing;
  /** The server keeps the connection, as far as head and framing tell. */
  readonly keepAlive: boolean;
  /** Options of `Connection`, lower case. */
  readonly connection: readonly string[];
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;

/**
 * Reads a response head; `method` is that of the request it answers, which decides about the body (RFC 9112 §6.3).
 * @throws Http1Error
 */
export function parseResponseHead(lines: Lines, method: string): ResponseHead {
  const { bytes, bounds } = lines;
  const text = bytes.toString("latin1", 0, lines.end);
  const start = bounds[0] ?? 0;
  const end = bounds[1] ?? 0;
  const match = statusLine.exec(text.slice(start, end));
  for (let at = start; at < end; at++) {
    if (isFieldValue[bytes[at] ?? 0] !== 1) {
      throw new Http1Error("status-line", "a control character in the status line");
    }
  }
  if (match === null) {
    throw new Http1Error("status-line", "not HTTP/1.x, a status and a reason");
  }
  const minorVersion = match[1] === "1" ? 1 : 0;
  const status = Number(match[2]);
  const fields = new Fields(parseFields(lines, text, 1));
  const facts = gatherFacts(fields, minorVersion);
  const framing = responseFraming(status, method, facts);
  return {
    status,
    reason: match[3] ?? "",
    minorVersion,
    fields,
    framing,
    keepAlive: framing.kind !== "close" && framing.kind !== "tunnel" && keepsAlive(facts, minorVersion),
    connection: facts.connection,
  };
}

function responseFraming(status: number, method: string, facts: MessageFacts): Framing {
  if (status === 101 || (method === "CONNECT" && status >= 200 && status < 300)) {
    return tunnel;
  }
  if (facts.chunked && (status < 200 || status === 204)) {
    throw new Http1Error("transfer-encoding", `Transfer-Encoding with status ${status}`);
  }
  if (status < 200 || status === 204 || status === 304 || method === "HEAD") {
    return noBody;
  }
  if (facts.chunked) {
    return chunkedBody;
  }
  return facts.contentLength === undefined ? untilClose : { kind: "length", length: facts.contentLength };
}
