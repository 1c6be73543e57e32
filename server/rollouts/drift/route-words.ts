/** What differs between a rendered object and what is live, in plain words. Pure. */
import { leavesOf } from "@/server/drift/leaves.ts";
import { listNames } from "@/server/golden-paths/path.ts";
import { canonical, type Rendered } from "@/server/golden-paths/resource.ts";

/** A rule of an HTTPRoute or VirtualService, as far as it is told about. */
interface Rule {
  readonly name: string;
  /** Service, and its share in percent. */
  readonly shares: ReadonlyMap<string, number>;
  readonly matches: unknown;
  /** Everything else, by field. */
  readonly rest: Readonly<Record<string, unknown>>;
}
type Fields = Readonly<Record<string, unknown>>;
interface Backend {
  readonly name?: string;
  readonly weight?: number;
  readonly destination?: { readonly host?: string };
}

const differencesMax = 4;

/** "share of purchase-history-v2 was 10 %, is 50 %"; never empty. */
export function differenceWords(expected: Rendered, live: Rendered | undefined): string {
  if (live === undefined) {
    return "it was removed";
  }
  const isRoute = expected.kind === "HTTPRoute" || expected.kind === "VirtualService";
  const words = isRoute ? routeDifferences(expected, live) : fieldDifferences(partsOf(expected), partsOf(live));
  return words.length === 0 ? "it was edited" : listNames(words, differencesMax);
}

function routeDifferences(expected: Rendered, live: Rendered): string[] {
  const [was, is] = [rulesOf(expected), rulesOf(live)];
  const rules = was.flatMap((rule, index): string[] => {
    const other = is.find(({ name }) => name === rule.name) ?? (is[index]?.name === "" ? is[index] : undefined);
    return other === undefined ? [`rule ${rule.name} was removed`] : ruleDifferences(rule, other);
  });
  const added = is.filter(({ name }) => name !== "" && !was.some((rule) => rule.name === name));
  const rest = fieldDifferences(withoutRules(expected), withoutRules(live));
  return [...new Set([...rules, ...added.map(({ name }) => `rule ${name} was added`), ...rest])];
}

function ruleDifferences(was: Rule, is: Rule): string[] {
  const services = [...new Set([...was.shares.keys(), ...is.shares.keys()])];
  const shares = services.flatMap((service) => {
    const [before, now] = [was.shares.get(service), is.shares.get(service)];
    return before === now ? [] : [`share of ${service} was ${percent(before)}, is ${percent(now)}`];
  });
  const matches =
    canonical(was.matches ?? null) === canonical(is.matches ?? null)
      ? []
      : [`rule ${was.name} is for other requests than before`];
  const fields = [...new Set([...Object.keys(was.rest), ...Object.keys(is.rest)])].filter(
    (field) => canonical(was.rest[field] ?? null) !== canonical(is.rest[field] ?? null),
  );
  return [...shares, ...matches, ...fields.map((field) => `${field} of rule ${was.name} was changed`)];
}

const percent = (share: number | undefined): string =>
  share === undefined ? "nothing" : `${Math.round(share * 100) / 100} %`;

function rulesOf({ kind, spec }: Rendered): Rule[] {
  const { rules, http } = (spec ?? {}) as { readonly rules?: readonly Fields[]; readonly http?: readonly Fields[] };
  return (kind === "VirtualService" ? (http ?? []) : (rules ?? [])).map((rule) => {
    const { name = "", matches, match, backendRefs, route, ...rest } = rule;
    return {
      name: typeof name === "string" ? name : "",
      shares: sharesOf((backendRefs ?? route ?? []) as readonly Backend[]),
      matches: matches ?? match,
      rest,
    };
  });
}

/** A backend without a weight has one part (Gateway API), or all (a single one of Istio's). */
function sharesOf(backends: readonly Backend[]): ReadonlyMap<string, number> {
  const sum = backends.reduce((total, { weight = 1 }) => total + weight, 0);
  const shares = new Map<string, number>();
  for (const { name, destination, weight = 1 } of backends) {
    const service = name ?? destination?.host?.split(".")[0] ?? "";
    shares.set(service, (shares.get(service) ?? 0) + (sum === 0 ? 0 : (weight / sum) * 100));
  }
  return shares;
}

const withoutRules = (rendered: Rendered): object => {
  const { rules: _rules, http: _http, ...spec } = (rendered.spec ?? {}) as Fields;
  return { labels: rendered.metadata.labels ?? {}, spec };
};
const partsOf = ({ metadata, spec }: Rendered): object => ({ labels: metadata.labels ?? {}, spec: spec ?? {} });

function fieldDifferences(was: object, is: object): string[] {
  const [before, now] = [was, is].map(
    (value) => new Map(leavesOf(value).map(({ path, value: leaf }) => [path.join("."), JSON.stringify(leaf)])),
  );
  const names = [...new Set([...(before?.keys() ?? []), ...(now?.keys() ?? [])])];
  return names.flatMap((name) => {
    const [one, other] = [before?.get(name), now?.get(name)];
    return one === other ? [] : [`${name} was ${one ?? "not set"}, is ${other ?? "not set"}`];
  });
}
