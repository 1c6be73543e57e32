/** One request that a rule is about, to try it with. Pure. */
import type { HeaderCondition, RequestRule } from "@/server/contracts/golden-paths/parts.ts";
import type { SeenPath } from "../insight.ts";
import { matchesPath, pathLike } from "./path-pattern.ts";

export interface SampleRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** Methods without effects, the likeliest first. */
export const safeMethods = ["GET", "HEAD", "OPTIONS"] as const;
type SafeMethod = (typeof safeMethods)[number];
export const isSafe = (method: string): method is SafeMethod => safeMethods.some((one) => one === method);

/** A whole path, not a template of several. */
const isWhole = (path: string): boolean => path.startsWith("/") && !/[{}*]/.test(path);

/** What fits the rule; preferably without effects, and a path that was seen. Without a rule: any request. */
export function sampleOf(rule: RequestRule | undefined, seen: readonly SeenPath[]): SampleRequest {
  const { methods = [], paths = [], headers = [] } = rule ?? {};
  const method =
    methods.length === 0 ? "GET" : (safeMethods.find((one) => methods.includes(one)) ?? methods[0] ?? "GET");
  const known = seen.filter((one) => isWhole(one.path) && one.method === method && one.errors < one.requests);
  const fitting = known.find(({ path }) => paths.length === 0 || paths.some((pattern) => matchesPath(pattern, path)));
  const [first] = paths;
  return {
    method,
    path: fitting?.path ?? (first === undefined ? "/" : pathLike(first)),
    headers: headersFor(headers),
  };
}

function headersFor(conditions: readonly HeaderCondition[]): { name: string; value: string }[] {
  const names = [...new Set(conditions.filter(isWanted).map(({ name }) => name))];
  return names.map((name) => {
    const own = conditions.filter((one) => one.name === name);
    const refused = own.flatMap(({ match, values }) => (match === "not-value" ? values : []));
    const wanted = own.flatMap(({ match, values }) => (match === "value" ? values : []));
    const value = [...wanted.map((one) => one.replaceAll("*", "")), "1", "yes", "true"].find(
      (one) => one !== "" && !refused.some((other) => matchesPath(other, one)),
    );
    return { name, value: value ?? "1" };
  });
}

const isWanted = ({ match }: HeaderCondition): boolean => match === "present" || match === "value";
