/** Requests that a limit counts, as matches of a RateLimitPolicy. Pure. */
import type { RequestRule } from "@/server/contracts/golden-paths/parts.ts";

/** Most matches that one limit takes. */
const matchesMax = 8;
/** Longest value of a path. */
const pathMax = 1_024;

/** Methods that matches of routes know. */
export const knownMethods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"] as const;

/** What of a rule a limit cannot say, as the field of the rule it stands in. */
export type UnsayablePart = "methods" | "paths" | "headers";

export interface LimitMatches {
  /** Empty: every request counts. */
  readonly matches: readonly object[];
  /** Parts that were left out: the limit would count other requests than were asked for. */
  readonly unsayable: readonly UnsayablePart[];
}

/** The matches of a rule: any of its methods, with any of its paths, with all of its headers. */
export function limitMatches({ methods, paths, headers }: RequestRule): LimitMatches {
  const unsayable = new Set<UnsayablePart>();
  const sayable = methods.filter((method) => knownMethods.some((known) => known === method));
  if (sayable.length < methods.length || sayable.length > matchesMax) {
    unsayable.add("methods");
  }
  const names = headers.map(({ name }) => name);
  if (new Set(names).size < names.length || headers.some(({ match }) => match === "absent" || match === "not-value")) {
    unsayable.add("headers");
  }
  const headerMatches = headers
    .filter(({ match, name }, index) => (match === "present" || match === "value") && names.indexOf(name) === index)
    .map(({ name, match, values }) => ({ name, ...(match === "present" ? present : valueMatch(values)) }));
  const perMethod = sayable.length === 0 ? [{}] : sayable.slice(0, matchesMax).map((method) => ({ method }));
  const pathMatches = pathMatchesOf([...new Set(paths)], Math.floor(matchesMax / perMethod.length));
  if (pathMatches.some(({ path }) => path.value.length > pathMax)) {
    unsayable.add("paths");
  }
  if (methods.length + paths.length + headers.length === 0) {
    return { matches: [], unsayable: [] };
  }
  return {
    matches: perMethod.flatMap((method) =>
      pathMatches.map(({ path }) => ({
        path: path.value.length > pathMax ? everyPath : path,
        ...(headerMatches.length === 0 ? {} : { headers: headerMatches }),
        ...method,
      })),
    ),
    unsayable: [...unsayable],
  };
}

interface ValueMatch {
  readonly type: "Exact" | "RegularExpression";
  readonly value: string;
}
interface PathMatch {
  readonly type: "Exact" | "PathPrefix" | "RegularExpression";
  readonly value: string;
}
const everyPath: PathMatch = { type: "PathPrefix", value: "/" };
const present: ValueMatch = { type: "RegularExpression", value: ".*" };

/** Each path on its own where there is room, else all in one expression. */
function pathMatchesOf(paths: readonly string[], room: number): { readonly path: PathMatch }[] {
  if (paths.length === 0) {
    return [{ path: everyPath }];
  }
  return paths.length <= room
    ? paths.map((path) => ({ path: pathMatch(path) }))
    : [{ path: { type: "RegularExpression", value: paths.map(pathExpression).join("|") } }];
}

/** What Gateway API takes as a literal path. */
const literal = (path: string): boolean =>
  /^\/(?:[-A-Za-z0-9/._~!$&'()+,;=:@]|%(?!2[fF])[0-9a-fA-F]{2})*$/.test(path) && !/\/\/|\/\.{1,2}(\/|$)/.test(path);

const pathMatch = (path: string): PathMatch =>
  literal(path) ? { type: "Exact", value: path } : { type: "RegularExpression", value: pathExpression(path) };

const quote = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** A star at an end is anything, `{*}` one segment, `{**}` any number of them. */
function pathExpression(path: string): string {
  const body = path.replace(/^\*/, "").replace(/\*$/, "");
  const text = body
    .split(/(\{\*{1,2}\})/)
    .map((part) => (part === "{*}" ? "[^/]+" : part === "{**}" ? ".*" : quote(part)))
    .join("");
  return `${path.startsWith("*") ? ".*" : ""}${text}${path.endsWith("*") && path !== "*" ? ".*" : ""}`;
}

function valueMatch(values: readonly string[]): ValueMatch {
  const [only = "", ...others] = [...new Set(values)];
  return others.length === 0 && !only.includes("*")
    ? { type: "Exact", value: only }
    : { type: "RegularExpression", value: [only, ...others].map(valueExpression).join("|") };
}

const valueExpression = (value: string): string =>
  `${value.startsWith("*") ? ".*" : ""}${quote(value.replace(/^\*/, "").replace(/\*$/, ""))}${value.endsWith("*") && value.length > 1 ? ".*" : ""}`;

/** Whether a path is one of those that are counted; no paths: every path is. */
export function pathTest(paths: readonly string[]): (path: string) => boolean {
  const expressions = paths.map((path) => new RegExp(`^(?:${pathExpression(path)})$`));
  return (path) => expressions.length === 0 || expressions.some((expression) => expression.test(path));
}
