import type { L7NamedMatch, L7StringMatch } from "../../../xds/proxy-config.ts";
import { type FieldReader, readFields } from "./unsupported.ts";

const patternMax = 1_024;

/**
 * Whether an expression can be sent to a proxy: of bearable length, and nothing in it that RE2 does not know. One that
 * does not compile would hold back all other routes of the proxy.
 */
export function isPattern(pattern: string): boolean {
  if (pattern.length > patternMax || /\(\?<?[=!]|\\[1-9k]/.test(pattern)) {
    return false;
  }
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

/**
 * Reads Istio's `StringMatch`: exact, prefix or regex. None of them, or the expression `*`, means that the value is
 * there (Istio "HTTPMatchRequest"). What cannot be understood is reported at `reader`.
 */
export function readStringMatch(reader: FieldReader, ignoreCase = false): L7StringMatch {
  const present: L7StringMatch = { type: "Present", value: "", ignoreCase: false };
  let match = present;
  if (reader.has("exact")) {
    match = { type: "Exact", value: reader.text("exact"), ignoreCase };
  } else if (reader.has("prefix")) {
    match = { type: "Prefix", value: reader.text("prefix"), ignoreCase };
  } else if (reader.has("regex")) {
    const value = reader.text("regex");
    if (value !== "*" && !isPattern(value)) {
      reader.report("regex", "cannot be compiled");
    }
    match = value === "*" ? present : { type: "RegularExpression", value, ignoreCase: false };
  }
  reader.rest();
  return match;
}

/** Reads a map of names to `StringMatch`. */
export function readNamedMatches(
  reader: FieldReader,
  field: string,
  unsupported: string[],
  { negated, lowerCase }: { negated: boolean; lowerCase: boolean },
): readonly L7NamedMatch[] {
  return reader.entries(field).map(([name, match]) => {
    const path = `${reader.path}.${field}[${name}]`;
    if (name.startsWith("@") || name === "") {
      reader.report(`${field}[${name}]`, "claims are matched by an AuthorizationPolicy");
    }
    return {
      ...readStringMatch(readFields(match ?? {}, unsupported, path)),
      name: lowerCase ? name.toLowerCase() : name,
      negated,
    };
  });
}
