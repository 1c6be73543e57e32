import type { StringMatch } from "./model.ts";

/** The matcher as a function. An absent value never satisfies it, not even an empty prefix. */
export function stringTest(match: StringMatch): (value: string | undefined) => boolean {
  if (match.kind === "presence") {
    return (value) => value !== undefined && value !== "";
  }
  const wanted = match.value;
  switch (match.kind) {
    case "exact":
      return (value) => value === wanted;
    case "prefix":
      return (value) => value?.startsWith(wanted) === true;
    case "suffix":
      return (value) => value?.endsWith(wanted) === true;
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

/** A matcher as it is written in a policy: what `parseStringMatch` read. */
export function writtenForm(match: StringMatch): string {
  switch (match.kind) {
    case "presence":
      return "*";
    case "exact":
      return match.value;
    case "prefix":
      return `${match.value}*`;
    case "suffix":
      return `*${match.value}`;
  }
}
