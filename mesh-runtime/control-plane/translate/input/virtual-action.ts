import type { L7Filter, L7HeaderEdit, L7HeaderValue, L7PathEdit } from "../../../xds/proxy-config.ts";
import { port } from "./lenient.ts";
import { isPattern, isSubstitution } from "./string-match.ts";
import type { FieldReader } from "./unsupported.ts";

/** `rewrite` of a rule. */
export interface RewriteInput {
  /** Replaces the matched prefix, or the whole path when it was matched exactly or by an expression. Empty: kept. */
  readonly uri: string;
  readonly regex: { readonly pattern: string; readonly substitution: string } | undefined;
  /** Empty: kept. */
  readonly authority: string;
}

/** Headers to change; `authority` is what `host` is set to, empty for nothing. */
export interface HeadersInput {
  readonly request: L7HeaderEdit | undefined;
  readonly response: L7HeaderEdit | undefined;
  readonly authority: string;
}

const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

/** Reads `redirect`. */
export function readRedirect(reader: FieldReader): {
  readonly filter: Extract<L7Filter, { kind: "redirect" }>;
  readonly toCalledPort: boolean;
} {
  const status = reader.count("redirectCode") || 301;
  if (!redirectStatuses.includes(status)) {
    reader.report("redirectCode", String(status));
  }
  const derive = reader.text("derivePort", "FROM_PROTOCOL_DEFAULT");
  const authority = reader.text("authority");
  const [, host = authority, named = ""] = /^(.*?)(?::(\d{1,5}))?$/.exec(authority) ?? [];
  const uri = reader.text("uri");
  const prefix = reader.text("prefixRewrite");
  const path: L7PathEdit | undefined =
    prefix !== "" ? { kind: "prefix", path: prefix } : uri !== "" ? { kind: "full", path: uri } : undefined;
  const filter = {
    kind: "redirect",
    scheme: reader.text("scheme").toLowerCase(),
    hostname: host,
    port: port(reader.raw("port")) || port(Number(named)),
    path,
    status,
  } as const;
  reader.rest();
  return { filter, toCalledPort: derive === "FROM_REQUEST_PORT" && filter.port === 0 };
}

/** Reads `directResponse`. */
export function readDirectResponse(reader: FieldReader): Extract<L7Filter, { kind: "directResponse" }> {
  const status = reader.count("status") ?? 0;
  if (status < 200 || status > 599) {
    reader.report("status", String(status));
  }
  const body = reader.object("body");
  const filter = { kind: "directResponse", status, body: body?.text("string") ?? "" } as const;
  body?.rest();
  reader.rest();
  return filter;
}

/** Reads `rewrite`. */
export function readRewrite(reader: FieldReader | undefined): RewriteInput | undefined {
  if (reader === undefined) {
    return undefined;
  }
  const regex = reader.object("uriRegexRewrite");
  const pattern = regex?.text("match") ?? "";
  if (regex !== undefined && !isPattern(pattern)) {
    regex.report("match", "cannot be compiled");
  }
  if (regex !== undefined && !isSubstitution(regex.text("rewrite"), pattern)) {
    regex.report("rewrite", "names groups that are not there");
  }
  const rewrite: RewriteInput = {
    uri: reader.text("uri"),
    regex: regex === undefined ? undefined : { pattern, substitution: regex.text("rewrite") },
    authority: reader.text("authority"),
  };
  regex?.rest();
  reader.rest();
  return rewrite;
}

/** Reads `headers`. Pseudo headers cannot be edited; `host` and `:authority` rewrite the authority (Istio). */
export function readHeaders(reader: FieldReader | undefined): HeadersInput {
  const request = reader?.object("request");
  const response = reader?.object("response");
  const authorities: string[] = [];
  const read: HeadersInput = {
    request: readEdit(request, authorities),
    response: readEdit(response, []),
    authority: authorities[0] ?? "",
  };
  reader?.rest();
  return read;
}

function readEdit(reader: FieldReader | undefined, authorities: string[]): L7HeaderEdit | undefined {
  if (reader === undefined) {
    return undefined;
  }
  const values = (field: string): L7HeaderValue[] =>
    reader.entries(field).flatMap(([name, value]) => {
      const lower = name.toLowerCase();
      if (typeof value !== "string" || /[\0\r\n]/.test(value)) {
        reader.report(`${field}[${name}]`);
        return [];
      }
      if (lower === "host" || lower === ":authority") {
        authorities.push(value);
        return [];
      }
      if (!isHeaderName(lower)) {
        reader.report(`${field}[${name}]`);
        return [];
      }
      return [{ name: lower, value }];
    });
  const set = values("set");
  const add = values("add");
  const remove = reader
    .list("remove")
    .map((name) => name.toLowerCase())
    .filter((name) => isHeaderName(name) && name !== "host");
  reader.rest();
  return set.length + add.length + remove.length === 0 ? undefined : { set, add, remove };
}

/** RFC 9110, section 5.1: a token. */
const isHeaderName = (name: string): boolean => /^[!#$%&'*+.^_`|~0-9a-z-]{1,256}$/.test(name);
