/** What was seen of a service's requests, as suggestions for fields. Pure. */
import type { SeenTraffic } from "@/server/contracts/golden-paths.ts";
import { count, milliseconds, plural, share, textOf } from "../../ui/format.ts";
import type { Suggestion } from "../inputs/suggest-input.tsx";

/** Methods that are always offered. */
export const usualMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Methods to choose from: the seen ones first, by how often, then the usual ones, then what is chosen besides. */
export function methodsOf(seen: SeenTraffic | undefined, chosen: readonly string[]): string[] {
  const met = seen?.methods.map(({ name }) => name).filter((name) => /^[A-Z][A-Z-]*$/.test(name)) ?? [];
  return [...new Set([...met, ...usualMethods, ...chosen])];
}

/** "Seen: GET 1,275, HEAD 32"; empty when nothing was. */
export function seenMethods(seen: SeenTraffic | undefined): string {
  const met = seen?.methods.slice(0, 4).map(({ name, requests }) => `${name} ${count(requests)}`) ?? [];
  return met.length === 0 ? "" : `Seen in the last hour: ${met.join(", ")}`;
}

/** A path as it was seen, for a rule: `/history/{customer}` stands for any one segment. */
const asPattern = (path: string): string => path.replaceAll(/\{[^{}*/]+\}/g, "{*}");

/** The beginning of a path that holds for whatever a template stands for. */
const asPrefix = (path: string): string => {
  const before = path.replace(/\{.*$/, "");
  return before.length > 1 ? before.replace(/\/$/, "") : before;
};

function suggestPaths(seen: SeenTraffic | undefined, write: (path: string) => string): Suggestion[] {
  const byPath = Map.groupBy(seen?.paths ?? [], ({ path }) => write(path));
  return [...byPath]
    .map(([value, rows]) => {
      const requests = rows.reduce((sum, row) => sum + row.requests, 0);
      const errors = rows.reduce((sum, row) => sum + row.errors, 0);
      const slowest = Math.max(...rows.map((row) => row.p99Ms));
      const methods = [...new Set(rows.map(({ method }) => method))].slice(0, 2).join(", ");
      const failing = errors === 0 ? "" : `, ${textOf(share(errors / requests))} errors`;
      const slow = slowest > 0 ? `, p99 ${textOf(milliseconds(slowest))}` : "";
      return { value, requests, detail: `${methods} ${count(requests)}${failing}${slow}` };
    })
    .sort((one, other) => other.requests - one.requests)
    .map(({ value, detail }) => ({ value, detail }));
}

/** Paths that were seen, as patterns. */
export const suggestPatterns = (seen: SeenTraffic | undefined): Suggestion[] => suggestPaths(seen, asPattern);

/** Paths that were seen, as beginnings. */
export const suggestPrefixes = (seen: SeenTraffic | undefined): Suggestion[] => suggestPaths(seen, asPrefix);

/** Names that were seen, with how often. */
export const suggestNames = (names: SeenTraffic["headers"] | undefined): Suggestion[] =>
  (names ?? []).map(({ name, requests }) => ({ value: name, detail: plural(requests, "request") }));
