import type { L7StringMatch } from "../../../xds/proxy-config.ts";
import { compileRegex } from "./linear-regex.ts";

export type StringTest = (value: string) => boolean;

/** Compiles a matcher of present values; `undefined` when its expression cannot be used. */
export function compileStringMatch({ type, value, ignoreCase }: L7StringMatch): StringTest | undefined {
  if (type === "Present") {
    return () => true;
  }
  if (type === "RegularExpression") {
    const expression = compileRegex(value, ignoreCase);
    return expression === undefined ? undefined : (given) => expression.matches(given);
  }
  const wanted = ignoreCase ? value.toLowerCase() : value;
  const compare = comparisons[type];
  return ignoreCase ? (given) => compare(given.toLowerCase(), wanted) : (given) => compare(given, wanted);
}

const comparisons = {
  Exact: (given: string, wanted: string) => given === wanted,
  Prefix: (given: string, wanted: string) => given.startsWith(wanted),
  Suffix: (given: string, wanted: string) => given.endsWith(wanted),
};
