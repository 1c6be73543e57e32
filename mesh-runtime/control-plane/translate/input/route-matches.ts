import type { L7NamedMatch, L7RouteMatch, L7StringMatch } from "../../../xds/proxy-config.ts";
import { type Fields, fields, items, text } from "./lenient.ts";
import { isPattern } from "./string-match.ts";

const everything = { authority: undefined, scheme: undefined, port: 0, sourceNamespace: "" } as const;

/** Reads one `match` of an HTTPRoute, with the defaults of its schema; what it does not know goes to `unsupported`. */
export function readHttpMatch(match: Fields, path: string, unsupported: string[]): L7RouteMatch {
  const uri = fields(match["path"]);
  const method = text(match["method"]);
  const read: L7RouteMatch = {
    ...everything,
    path: {
      type: pathType(text(uri["type"], "PathPrefix"), `${path}.path.type`, unsupported),
      value: text(uri["value"], "/"),
      ignoreCase: false,
    },
    method: method === "" ? undefined : { type: "Exact", value: method, ignoreCase: false },
    headers: readNamed(match["headers"], `${path}.headers`, unsupported).map((header) => ({
      ...header,
      name: header.name.toLowerCase(),
    })),
    queryParams: readNamed(match["queryParams"], `${path}.queryParams`, unsupported),
  };
  if (read.path.type === "RegularExpression" && !isPattern(read.path.value)) {
    unsupported.push(`${path}.path.value`);
  }
  return read;
}

/**
 * Reads one `match` of a GRPCRoute: a call is a POST to `/<service>/<method>` (gRPC over HTTP/2).
 */
export function readGrpcMatch(match: Fields, path: string, unsupported: string[]): L7RouteMatch {
  const method = fields(match["method"]);
  const type = text(method["type"], "Exact");
  if (type !== "Exact" && type !== "RegularExpression") {
    unsupported.push(`${path}.method.type (${type})`);
  }
  const read: L7RouteMatch = {
    ...everything,
    path: grpcPath(type, text(method["service"]), text(method["method"])),
    method: undefined,
    headers: readNamed(match["headers"], `${path}.headers`, unsupported).map((header) => ({
      ...header,
      name: header.name.toLowerCase(),
    })),
    queryParams: [],
  };
  if (read.path.type === "RegularExpression" && !isPattern(read.path.value)) {
    unsupported.push(`${path}.method`);
  }
  return read;
}

function grpcPath(type: string, service: string, method: string): L7RouteMatch["path"] {
  const at = (kind: L7RouteMatch["path"]["type"], value: string) => ({ type: kind, value, ignoreCase: false });
  if (service === "" && method === "") {
    return at("PathPrefix", "/");
  }
  if (type === "RegularExpression") {
    return at("RegularExpression", `/${group(service)}/${group(method)}`);
  }
  if (method === "") {
    return at("PathPrefix", `/${service}`);
  }
  return service === "" ? at("RegularExpression", `/[^/]+/${method}`) : at("Exact", `/${service}/${method}`);
}

const group = (pattern: string): string => (pattern === "" ? "[^/]+" : `(${pattern})`);

function readNamed(value: unknown, path: string, unsupported: string[]): L7NamedMatch[] {
  return items(value)
    .map(fields)
    .map((match) => {
      const name = text(match["name"]);
      const type = valueType(text(match["type"], "Exact"), `${path}[${name}].type`, unsupported);
      const expected = text(match["value"]);
      if (type === "RegularExpression" && !isPattern(expected)) {
        unsupported.push(`${path}[${name}]`);
      }
      return { name, type, value: expected, ignoreCase: false, negated: false };
    });
}

function pathType(type: string, path: string, unsupported: string[]): L7RouteMatch["path"]["type"] {
  if (type === "Exact" || type === "PathPrefix" || type === "RegularExpression") {
    return type;
  }
  unsupported.push(`${path} (${type})`);
  return "Exact";
}

function valueType(type: string, path: string, unsupported: string[]): L7StringMatch["type"] {
  if (type === "Exact" || type === "RegularExpression") {
    return type;
  }
  unsupported.push(`${path} (${type})`);
  return "Exact";
}
