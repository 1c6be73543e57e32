import type { L7NamedMatch, L7RouteMatch } from "../../../xds/proxy-config.ts";
import { compileRegex } from "./linear-regex.ts";
import { queryParameter } from "./query-parameters.ts";
import type { RoutedRequest } from "./routed-request.ts";
import { compileStringMatch, type StringTest } from "./string-match.ts";

export type RequestTest = (request: RoutedRequest) => boolean;

/**
 * Compiles all conditions of a match; `undefined` when one of them cannot be used: such a match never holds, not even
 * where a condition is negated.
 */
export function compileMatch(match: L7RouteMatch): RequestTest | undefined {
  const path = compilePath(match.path);
  const rest = compileConditions(match);
  return path === undefined || rest === undefined
    ? undefined
    : (request) => path(request.path) && rest.every((test) => test(request));
}

/** The conditions besides the path; cheap ones first. */
export function compileConditions(match: L7RouteMatch): readonly RequestTest[] | undefined {
  const tests: (RequestTest | undefined)[] = [];
  if (match.port !== 0) {
    tests.push(({ port }) => port === match.port);
  }
  if (match.sourceNamespace !== "") {
    tests.push(({ sourceNamespace }) => sourceNamespace === match.sourceNamespace);
  }
  tests.push(
    ...when(match.method, (test) => (request) => test(request.method)),
    ...when(match.scheme, (test) => (request) => test(request.scheme)),
    ...when(match.authority, (test) => (request) => test(request.authority)),
    ...match.headers.map((header) => {
      const name = header.name.toLowerCase();
      return named(header, (request) => request.header(name));
    }),
    ...match.queryParams.map((parameter) => named(parameter, ({ query }) => queryParameter(query, parameter.name))),
  );
  return tests.every((test) => test !== undefined) ? tests : undefined;
}

const when = (
  match: L7RouteMatch["method"],
  make: (test: StringTest) => RequestTest,
): readonly (RequestTest | undefined)[] => {
  if (match === undefined) {
    return [];
  }
  const test = compileStringMatch(match);
  return [test && make(test)];
};

function named(match: L7NamedMatch, read: (request: RoutedRequest) => string | undefined): RequestTest | undefined {
  const test = compileStringMatch(match);
  if (test === undefined) {
    return undefined;
  }
  const { negated } = match;
  return (request) => {
    const value = read(request);
    return (value !== undefined && test(value)) !== negated;
  };
}

/** A prefix by whole segments without the slash at its end, which says nothing (Gateway API, PathMatchPathPrefix). */
export const segmentPrefix = (value: string): string => (value.endsWith("/") ? value.slice(0, -1) : value);

function compilePath({ type, value, ignoreCase }: L7RouteMatch["path"]): StringTest | undefined {
  if (type === "RegularExpression") {
    const expression = compileRegex(value, ignoreCase);
    return expression && ((path) => expression.matches(path));
  }
  if (type !== "PathPrefix") {
    return compileStringMatch({ type, value, ignoreCase });
  }
  const prefix = ignoreCase ? segmentPrefix(value).toLowerCase() : segmentPrefix(value);
  return (given) => {
    const path = ignoreCase ? given.toLowerCase() : given;
    return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/");
  };
}
