import { compileProgram } from "../../../common/regex-program.ts";
import { parseRegex } from "../../../common/regex-syntax.ts";
import type { L7NamedMatch, L7StringMatch } from "../../../xds/proxy-config.ts";
import { type FieldReader, readFields } from "./unsupported.ts";

/**
 * Whether a proxy can match by the expression: RE2's syntax, of bearable size. One that it cannot compile matches
 * nothing, and nobody would hear of it.
 */
export function isPattern(pattern: string): boolean {
  const regex = parseRegex(pattern);
  return regex !== undefined && compileProgram(regex, true) !== undefined;
}

/** Whether `\1` and the like in a substitution name groups of the expression (RE2's rewrite syntax). */
export function isSubstitution(substitution: string, pattern: string): boolean {
  const groups = parseRegex(pattern)?.groups ?? 0;
  return [...substitution.matchAll(/\\([\s\S]|$)/g)].every(
    ([, what = ""]) => what === "\\" || (/^\d$/.test(what) && Number(what) <= groups),
  );
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
