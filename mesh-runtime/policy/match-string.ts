import type { StringMatch } from "./model.ts";

/** Whether a value satisfies the matcher. An absent value never does, not even an empty prefix. */
export function matchesString(match: StringMatch, value: string | undefined): boolean {
  if (value === undefined) {
    return false;
  }
  switch (match.kind) {
    case "exact":
      return value === match.value;
    case "prefix":
      return value.startsWith(match.value);
    case "suffix":
      return value.endsWith(match.value);
    case "presence":
      return value !== "";
  }
}

/**
 * Reads a value of an AuthorizationPolicy field: `*` is presence, `*x` a suffix, `x*` a prefix, all else exact
 * (istio.io "Authorization Policy", "Value matching"). A star in the middle is literal.
 */
export function parseStringMatch(value: string): StringMatch {
  if (value === "*") {
    return { kind: "presence" };
  }
  if (value.startsWith("*")) {
    return { kind: "suffix", value: value.slice(1) };
  }
  if (value.endsWith("*")) {
    return { kind: "prefix", value: value.slice(0, -1) };
  }
  return { kind: "exact", value };
}

/** The same matcher for values that compare without regard to case, such as hosts; compare it with lower-cased values. */
export const lowerCased = (match: StringMatch): StringMatch =>
  match.kind === "presence" ? match : { kind: match.kind, value: match.value.toLowerCase() };
