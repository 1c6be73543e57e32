import type { Fields } from "./fields.ts";
import type { Framing } from "./framing.ts";

/** A request to write. `fields` are end-to-end fields: framing, Host and Connection are made from the rest. */
export interface RequestToWrite {
  readonly method: string;
  /** Path and query, `*`, `host:port` for CONNECT, or an absolute URI. */
  readonly target: string;
  readonly host: string;
  readonly fields: Fields;
  readonly framing: Framing;
  /** Value of Connection; HTTP/1.1 keeps connections without saying so. */
  readonly connection?: string | undefined;
}

/** A response to write. */
export interface ResponseToWrite {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly fields: Fields;
  readonly framing: Framing;
  readonly connection?: string | undefined;
}

/** The head's bytes as latin1 text. Everything in it comes from a parser or from constants: nothing can split it. */
export function requestHeadText({ method, target, host, fields, framing, connection }: RequestToWrite): string {
  return `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n${fieldText(fields)}${framingText(framing)}${connectionText(connection)}\r\n`;
}

/** The head's bytes as latin1 text. */
export function responseHeadText({ status, reason, fields, framing, connection }: ResponseToWrite): string {
  return `HTTP/1.1 ${status} ${reason ?? reasons[status] ?? ""}\r\n${fieldText(fields)}${framingText(framing)}${connectionText(connection)}\r\n`;
}

const connectionText = (connection: string | undefined): string =>
  connection === undefined ? "" : `connection: ${connection}\r\n`;

/** Field lines. */
export function fieldText({ list }: Fields): string {
  let text = "";
  for (let index = 0; index < list.length; index += 2) {
    text += `${list[index]}: ${list[index + 1]}\r\n`;
  }
  return text;
}

function framingText(framing: Framing): string {
  switch (framing.kind) {
    case "length":
      return `content-length: ${framing.length}\r\n`;
    case "chunked":
      return "transfer-encoding: chunked\r\n";
    default:
      return "";
  }
}

const reasons: Readonly<Record<number, string>> = {
  100: "Continue",
  101: "Switching Protocols",
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  421: "Misdirected Request",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};
