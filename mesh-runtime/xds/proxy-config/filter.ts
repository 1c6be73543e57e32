/** Filters of routes and backends ⇄ wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  FilterSchema,
  HeaderEditSchema,
  PathEditSchema,
  Cors as WireCors,
  Filter as WireFilter,
  HeaderEdit as WireHeaderEdit,
  HeaderValue as WireHeaderValue,
  PathEdit as WirePathEdit,
} from "../gen/l7-route_pb.js";
import type { L7Cors, L7Filter, L7HeaderEdit, L7HeaderValue, L7PathEdit } from "../proxy-config.ts";
import { MalformedResource, portNumber } from "../resource-type.ts";
import { documentMax, filledText, fraction, list, status, text, texts } from "./limits.ts";
import { valueMatchFromWire, valueMatchToWire } from "./value-match.ts";

type FilterInit = MessageInitShape<typeof FilterSchema>;

/** One filter. */
export function filterToWire(filter: L7Filter): FilterInit {
  switch (filter.kind) {
    case "requestHeaders":
    case "responseHeaders":
      return { filter: { case: filter.kind, value: headerEditToWire(filter.edit) } };
    case "redirect": {
      const { kind, path, ...plain } = filter;
      return { filter: { case: kind, value: { ...plain, path: path && pathEditToWire(path) } } };
    }
    case "rewrite": {
      const { kind, hostname, path } = filter;
      return { filter: { case: kind, value: { hostname, path: path && pathEditToWire(path) } } };
    }
    case "mirror":
      return { filter: { case: "mirror", value: { cluster: filter.cluster, fraction: filter.fraction } } };
    case "cors":
      return { filter: { case: "cors", value: corsToWire(filter.cors) } };
    case "directResponse":
      return { filter: { case: "directResponse", value: { status: filter.status, body: filter.body } } };
  }
}

/** And back; throws `MalformedResource`, also for a filter that this version does not know: to skip it would change the route. */
export function filterFromWire({ filter }: WireFilter): L7Filter {
  switch (filter.case) {
    case "requestHeaders":
    case "responseHeaders":
      return { kind: filter.case, edit: headerEditFromWire(filter.value) };
    case "redirect":
      return {
        kind: "redirect",
        scheme: text(filter.value.scheme, "redirect scheme"),
        hostname: text(filter.value.hostname, "redirect host name"),
        port: portNumber(filter.value.port, "redirect port", { zero: true }),
        path: filter.value.path && pathEditFromWire(filter.value.path),
        status: status(filter.value.status, "redirect"),
      };
    case "rewrite":
      return {
        kind: "rewrite",
        hostname: text(filter.value.hostname, "rewrite host name"),
        path: filter.value.path && pathEditFromWire(filter.value.path),
      };
    case "mirror":
      return {
        kind: "mirror",
        cluster: filledText(filter.value.cluster, "mirror cluster"),
        fraction: fraction(filter.value.fraction, "mirror fraction"),
      };
    case "cors":
      return { kind: "cors", cors: corsFromWire(filter.value) };
    case "directResponse":
      return {
        kind: "directResponse",
        status: status(filter.value.status, "direct response"),
        body: text(filter.value.body, "direct response body", documentMax),
      };
    default:
      throw new MalformedResource("filter: no kind that is known is set");
  }
}

/** A header with its value. */
export const headerValueFromWire = ({ name, value }: WireHeaderValue): L7HeaderValue => ({
  name: filledText(name, "header name"),
  value: text(value, "header value"),
});

const headerEditToWire = ({ set, add, remove }: L7HeaderEdit): MessageInitShape<typeof HeaderEditSchema> => ({
  set: [...set],
  add: [...add],
  remove: [...remove],
});

const headerEditFromWire = ({ set, add, remove }: WireHeaderEdit): L7HeaderEdit => ({
  set: list(set, "headers to set", headerValueFromWire),
  add: list(add, "headers to add", headerValueFromWire),
  remove: texts(remove, "headers to remove"),
});

function pathEditToWire(edit: L7PathEdit): MessageInitShape<typeof PathEditSchema> {
  return edit.kind === "regex"
    ? { edit: { case: "regex", value: { pattern: edit.pattern, substitution: edit.substitution } } }
    : { edit: { case: edit.kind, value: edit.path } };
}

function pathEditFromWire({ edit }: WirePathEdit): L7PathEdit {
  switch (edit.case) {
    case "full":
    case "prefix":
      return { kind: edit.case, path: text(edit.value, "path edit") };
    case "regex":
      return {
        kind: "regex",
        pattern: text(edit.value.pattern, "path edit"),
        substitution: text(edit.value.substitution, "path edit"),
      };
    default:
      throw new MalformedResource("path edit: no kind that is known is set");
  }
}

const corsToWire = (cors: L7Cors) => ({
  ...cors,
  allowOrigins: cors.allowOrigins.map(valueMatchToWire),
  allowMethods: [...cors.allowMethods],
  allowHeaders: [...cors.allowHeaders],
  exposeHeaders: [...cors.exposeHeaders],
});

const corsFromWire = (wire: WireCors): L7Cors => ({
  allowOrigins: list(wire.allowOrigins, "CORS origins", valueMatchFromWire),
  allowMethods: texts(wire.allowMethods, "CORS methods"),
  allowHeaders: texts(wire.allowHeaders, "CORS headers"),
  exposeHeaders: texts(wire.exposeHeaders, "CORS exposed headers"),
  maxAge: wire.maxAge,
  allowCredentials: wire.allowCredentials,
});
