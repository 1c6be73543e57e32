/** Matchers of routes and rate limits ⇄ wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type NamedMatchSchema,
  PathMatchType,
  type RouteMatchSchema,
  type ValueMatchSchema,
  ValueMatchType,
  type NamedMatch as WireNamedMatch,
  type RouteMatch as WireRouteMatch,
  type ValueMatch as WireValueMatch,
} from "../gen/l7-route_pb.js";
import type { L7NamedMatch, L7RouteMatch, L7StringMatch } from "../proxy-config.ts";
import { portNumber } from "../resource-type.ts";
import { closedEnum } from "./closed-enum.ts";
import { filledText, list, required, text } from "./limits.ts";

const pathTypes = closedEnum({
  Exact: PathMatchType.EXACT,
  PathPrefix: PathMatchType.PATH_PREFIX,
  Prefix: PathMatchType.PREFIX,
  RegularExpression: PathMatchType.REGULAR_EXPRESSION,
});

const valueTypes = closedEnum({
  Exact: ValueMatchType.EXACT,
  Prefix: ValueMatchType.PREFIX,
  Suffix: ValueMatchType.SUFFIX,
  RegularExpression: ValueMatchType.REGULAR_EXPRESSION,
  Present: ValueMatchType.PRESENT,
});

/** One entry of a rule's `matches`. */
export const routeMatchToWire = (match: L7RouteMatch): MessageInitShape<typeof RouteMatchSchema> => ({
  path: { ...match.path, type: pathTypes.toWire(match.path.type) },
  method: match.method && valueMatchToWire(match.method),
  headers: match.headers.map(namedMatchToWire),
  queryParams: match.queryParams.map(namedMatchToWire),
  authority: match.authority && valueMatchToWire(match.authority),
  scheme: match.scheme && valueMatchToWire(match.scheme),
  port: match.port,
  sourceNamespace: match.sourceNamespace,
});

/** And back; throws `MalformedResource`. */
export function routeMatchFromWire(wire: WireRouteMatch): L7RouteMatch {
  const path = required(wire.path, "path match");
  return {
    path: {
      type: pathTypes.fromWire(path.type, "path match"),
      value: text(path.value, "path match"),
      ignoreCase: path.ignoreCase,
    },
    method: wire.method && valueMatchFromWire(wire.method),
    headers: list(wire.headers, "header matches", namedMatchFromWire),
    queryParams: list(wire.queryParams, "query parameter matches", namedMatchFromWire),
    authority: wire.authority && valueMatchFromWire(wire.authority),
    scheme: wire.scheme && valueMatchFromWire(wire.scheme),
    port: portNumber(wire.port, "port match", { zero: true }),
    sourceNamespace: text(wire.sourceNamespace, "source namespace"),
  };
}

/** A matcher without a name (method, origin). */
export const valueMatchToWire = ({
  type,
  value,
  ignoreCase,
}: L7StringMatch): MessageInitShape<typeof ValueMatchSchema> => ({ type: valueTypes.toWire(type), value, ignoreCase });

/** And back; throws `MalformedResource`. */
export const valueMatchFromWire = (wire: WireValueMatch): L7StringMatch => ({
  type: valueTypes.fromWire(wire.type, "value match"),
  value: text(wire.value, "value match"),
  ignoreCase: wire.ignoreCase,
});

const namedMatchToWire = (match: L7NamedMatch): MessageInitShape<typeof NamedMatchSchema> => ({
  name: match.name,
  match: valueMatchToWire(match),
  negated: match.negated,
});

const namedMatchFromWire = (wire: WireNamedMatch): L7NamedMatch => ({
  ...valueMatchFromWire(required(wire.match, "value match")),
  name: filledText(wire.name, "match name"),
  negated: wire.negated,
});
