import { Fields, isAuthority, isHopByHop } from "../../http1/index.ts";
import { addForwardedFields, type ForwardingRules } from "../forwarded-fields.ts";
import { isGrpc } from "../grpc.ts";
import type { HttpRequest } from "../http-request.ts";
import type { Peer } from "../peer.ts";

/** A request of HTTP/2 that must not be sent on. */
export interface MalformedRequest {
  readonly malformed: string;
}

const methodShape = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
const pathShape = /^\/[\x21\x22\x24-\x7e]*$/;
const nameShape = /^[!#$%&'*+\-.^_`|~0-9a-z]{1,256}$/;
const valueShape = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
const noBody = { kind: "none" } as const;
const streamed = { kind: "stream" } as const;

interface Pseudo {
  method: string | undefined;
  scheme: string | undefined;
  authority: string | undefined;
  path: string | undefined;
  protocol: string | undefined;
}

/**
 * A request of HTTP/2, as the rest of the engine sees it. node:http2 refuses most of what is malformed by itself; here
 * everything is checked that an HTTP/1 upstream could read differently (RFC 9113 §8.2, §8.3, §10.3), whatever the
 * library does.
 */
export function readHttp2Request(
  raw: readonly string[],
  endStream: boolean,
  peer: Peer,
  rules: ForwardingRules,
  random: () => number,
): HttpRequest | MalformedRequest {
  const pseudo: Pseudo = {
    method: undefined,
    scheme: undefined,
    authority: undefined,
    path: undefined,
    protocol: undefined,
  };
  const kept: string[] = [];
  let host: string | undefined;
  let length: number | undefined;
  let cookies: string | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? "";
    const value = raw[index + 1] ?? "";
    if (!valueShape.test(value)) {
      return { malformed: "a field value with a control character or space at its ends" };
    }
    if (name.startsWith(":")) {
      const problem = takePseudo(pseudo, name, value, kept.length > 0);
      if (problem !== undefined) {
        return { malformed: problem };
      }
      continue;
    }
    if (!nameShape.test(name)) {
      return { malformed: "a field name that is no lower-case token" };
    }
    if (name === "host") {
      if (host !== undefined) {
        return { malformed: "more than one Host" };
      }
      host = value;
    } else if (name === "content-length") {
      if (length !== undefined || !/^\d{1,15}$/.test(value)) {
        return { malformed: "Content-Length repeated or no number" };
      }
      length = Number(value);
    } else if (name === "te") {
      // RFC 9113 §8.2.2; made anew for an upstream that speaks HTTP/2.
      if (value !== "trailers") {
        return { malformed: "te other than trailers" };
      }
    } else if (name === "cookie") {
      // One field again for HTTP/1 (RFC 9113 §8.2.3).
      cookies = cookies === undefined ? value : `${cookies}; ${value}`;
    } else if (name === "proxy-authorization" || name === "proxy-authenticate" || name === "http2-settings") {
      // For the next proxy, which is this one.
    } else if (isHopByHop(name)) {
      return { malformed: `${name} in HTTP/2` };
    } else {
      kept.push(name, value);
    }
  }
  if (cookies !== undefined) {
    kept.push("cookie", cookies);
  }
  return assemble(pseudo, host, length, new Fields(kept), endStream, peer, rules, random);
}

const pseudoNames: Readonly<Record<string, keyof Pseudo>> = {
  ":method": "method",
  ":scheme": "scheme",
  ":authority": "authority",
  ":path": "path",
  ":protocol": "protocol",
};

function takePseudo(pseudo: Pseudo, name: string, value: string, late: boolean): string | undefined {
  const key = pseudoNames[name];
  if (key === undefined || pseudo[key] !== undefined || late) {
    return "a pseudo-header that is unknown, repeated or late";
  }
  pseudo[key] = value;
  return undefined;
}

function assemble(
  pseudo: Pseudo,
  host: string | undefined,
  length: number | undefined,
  fields: Fields,
  endStream: boolean,
  peer: Peer,
  rules: ForwardingRules,
  random: () => number,
): HttpRequest | MalformedRequest {
  const { method, scheme, path, protocol } = pseudo;
  const authority = pseudo.authority ?? host ?? "";
  if (method === undefined || !methodShape.test(method)) {
    return { malformed: "the method is no token" };
  }
  if (!isAuthority(authority) || (host !== undefined && host.toLowerCase() !== authority.toLowerCase())) {
    return { malformed: "no authority, or Host says otherwise" };
  }
  const connect = method === "CONNECT" && protocol === undefined;
  if (protocol !== undefined && method !== "CONNECT") {
    return { malformed: ":protocol without CONNECT" };
  }
  if (!connect && scheme !== "http" && scheme !== "https") {
    return { malformed: "a scheme other than http and https" };
  }
  const asterisk = path === "*" && method === "OPTIONS";
  if (connect ? path !== undefined : !(asterisk || (path !== undefined && pathShape.test(path)))) {
    return { malformed: "the path is none" };
  }
  if (endStream && length !== undefined && length > 0) {
    return { malformed: "Content-Length without a body" };
  }
  const webSocket = protocol?.toLowerCase() === "websocket";
  if (protocol !== undefined && !webSocket) {
    return { malformed: "a protocol other than websocket" };
  }
  const trace = addForwardedFields(fields, peer, rules, random);
  return {
    protocol: "HTTP/2",
    scheme: peer.scheme,
    // Judged and sent on as what it is in HTTP/1 (RFC 8441 §5).
    method: webSocket ? "GET" : method,
    authority,
    target: path ?? "",
    fields,
    body:
      endStream || webSocket ? bodyless(method, length) : length === undefined ? streamed : { kind: "length", length },
    upgrade: webSocket ? "websocket" : undefined,
    grpc: isGrpc(fields.get("content-type")),
    trace,
  };
}

const withContent: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** HTTP/1 servers want to hear that there is nothing (RFC 9110 §8.6). */
const bodyless = (method: string, length: number | undefined): HttpRequest["body"] =>
  length === 0 || withContent.has(method) ? { kind: "length", length: 0 } : noBody;
