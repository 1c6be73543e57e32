import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import type { EdgeDetails, PathCount } from "@/server/contracts/traffic.ts";

/** Most that a form takes. */
const rulesMost = 8;
const pathsMost = 32;

/** `/users/{id}` as a rule says it: any one segment. */
const patternOf = (path: string): string => path.replaceAll(/\{[^}/]*\}/g, "{*}");

/** What got through of what was seen, one rule a method; nothing where no method was seen. */
function requestsOf(paths: readonly PathCount[]): { methods: string[]; paths: string[]; headers: [] }[] {
  const through = paths.filter(({ method, path, count, denied }) => method !== "" && path !== "" && count > denied);
  return [...Map.groupBy(through, ({ method }) => method)].slice(0, rulesMost).map(([method, seen]) => ({
    methods: [method],
    paths: [...new Set(seen.map(({ path }) => patternOf(path)))].slice(0, pathsMost),
    headers: [],
  }));
}

/**
 * Golden paths for an edge, the most useful last as its foot shows them: what the portal suggests, restricted to the
 * requests that were seen, and what keeps its calls going.
 */
export function edgeOffers({
  edge,
  paths,
  suggestions,
}: Pick<EdgeDetails, "edge" | "paths" | "suggestions">): Prefilled[] {
  const requests = requestsOf(paths);
  const [namespace = "", name = ""] = edge.to.split("/");
  const offers = suggestions.map((offer) =>
    offer.slug === "let-a-caller-in" && edge.denied === 0 && requests.length > 0
      ? { ...offer, values: { ...offer.values, requests } }
      : offer,
  );
  return edge.unit === "requests" && name !== "" && !offers.some(({ slug }) => slug === "retries")
    ? [
        ...offers,
        {
          slug: "retries",
          title: "Make it resilient",
          reason: `Calls to ${name} that fail are tried again`,
          values: { service: { namespace, name } },
        },
      ]
    : offers;
}
