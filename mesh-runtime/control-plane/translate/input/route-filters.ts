import type { L7Cors, L7HeaderEdit, L7PathEdit } from "../../../xds/proxy-config.ts";
import { type Fields, fields, items, port, text, whole } from "./lenient.ts";
import { type BackendRefInput, type FilterInput, readBackend } from "./route.ts";

/** Reads the filters of a rule or of a backend, in their order; unknown ones are named in `unsupported`. */
export function readFilters(value: unknown, path: string, namespace: string, unsupported: string[]): FilterInput[] {
  return items(value)
    .map(fields)
    .flatMap((filter, index): FilterInput[] => {
      const read = readFilter(filter, namespace);
      if (read === undefined) {
        unsupported.push(`${path}.filters[${index}] (${text(filter["type"], "unknown")})`);
      }
      return read === undefined ? [] : [read];
    });
}

/** Whether somebody is to be asked before requests pass: what cannot ask must not let pass. */
export const asksFirst = (value: unknown): boolean =>
  items(value).some((filter) => fields(filter)["type"] === "ExternalAuth");

/** Reads the backends of a rule. */
export const readBackends = (
  value: unknown,
  path: string,
  namespace: string,
  unsupported: string[],
): BackendRefInput[] =>
  items(value)
    .map(fields)
    .map((backend, index) => ({
      ...readBackend(backend, namespace),
      weight: Math.max(0, whole(backend["weight"], 1)),
      filters: readBackendFilters(backend["filters"], `${path}.backendRefs[${index}]`, namespace, unsupported),
    }));

/** Reads the filters of a backend; some kinds act on whole rules only. */
function readBackendFilters(value: unknown, path: string, namespace: string, unsupported: string[]): FilterInput[] {
  const known = new Set(["requestHeaders", "responseHeaders", "rewrite"]);
  return readFilters(value, path, namespace, unsupported).filter((filter) => {
    if (!known.has(filter.kind)) {
      unsupported.push(`${path}.filters (${filter.kind} of one backend)`);
    }
    return known.has(filter.kind);
  });
}

function readFilter(filter: Fields, namespace: string): FilterInput | undefined {
  switch (filter["type"]) {
    case "RequestHeaderModifier":
      return { kind: "requestHeaders", edit: readHeaderEdit(fields(filter["requestHeaderModifier"])) };
    case "ResponseHeaderModifier":
      return { kind: "responseHeaders", edit: readHeaderEdit(fields(filter["responseHeaderModifier"])) };
    case "RequestMirror":
      return readMirror(fields(filter["requestMirror"]), namespace);
    case "RequestRedirect": {
      const redirect = fields(filter["requestRedirect"]);
      return {
        kind: "redirect",
        scheme: text(redirect["scheme"]),
        hostname: text(redirect["hostname"]),
        port: port(redirect["port"]),
        path: readPathEdit(redirect["path"]),
        status: whole(redirect["statusCode"], 302),
      };
    }
    case "URLRewrite": {
      const rewrite = fields(filter["urlRewrite"]);
      return { kind: "rewrite", hostname: text(rewrite["hostname"]), path: readPathEdit(rewrite["path"]) };
    }
    case "CORS":
      return { kind: "cors", cors: readCors(fields(filter["cors"])) };
    default:
      return undefined;
  }
}

const readHeaders = (value: unknown): L7HeaderEdit["set"] =>
  items(value)
    .map(fields)
    .map((entry) => ({ name: text(entry["name"]).toLowerCase(), value: text(entry["value"]) }));

const readHeaderEdit = (edit: Fields): L7HeaderEdit => ({
  set: readHeaders(edit["set"]),
  add: readHeaders(edit["add"]),
  remove: items(edit["remove"]).map((name) => text(name).toLowerCase()),
});

function readPathEdit(value: unknown): L7PathEdit | undefined {
  const edit = fields(value);
  switch (edit["type"]) {
    case "ReplaceFullPath":
      return { kind: "full", path: text(edit["replaceFullPath"]) };
    case "ReplacePrefixMatch":
      return { kind: "prefix", path: text(edit["replacePrefixMatch"]) };
    default:
      return undefined;
  }
}

/** Gateway API: `percent`, or `fraction`, or all requests. */
function readMirror(mirror: Fields, namespace: string): FilterInput {
  const { numerator, denominator } = fields(mirror["fraction"]);
  const fraction =
    mirror["fraction"] === undefined
      ? whole(mirror["percent"], 100) / 100
      : whole(numerator) / Math.max(1, whole(denominator, 100));
  return {
    kind: "mirror",
    backend: readBackend(fields(mirror["backendRef"]), namespace),
    fraction: Math.min(1, Math.max(0, fraction)),
  };
}

/** A star inside of an origin stands for one label or more of its host (Gateway API "HTTPCORSFilter"). */
const readCors = (cors: Fields): L7Cors => ({
  allowOrigins: items(cors["allowOrigins"]).map((value) => {
    const origin = text(value).toLowerCase();
    return origin === "*" || !origin.includes("*")
      ? { type: "Exact", value: origin, ignoreCase: true }
      : { type: "RegularExpression", value: originPattern(origin), ignoreCase: true };
  }),
  allowMethods: items(cors["allowMethods"]).map((method) => text(method)),
  allowHeaders: items(cors["allowHeaders"]).map((name) => text(name).toLowerCase()),
  exposeHeaders: items(cors["exposeHeaders"]).map((name) => text(name).toLowerCase()),
  maxAge: whole(cors["maxAge"], 5),
  allowCredentials: cors["allowCredentials"] === true,
});

const originPattern = (origin: string): string =>
  origin
    .split("*")
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\/-]/g, (character) => `\\${character}`))
    .join("[^/:]+");
