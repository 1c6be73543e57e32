/** What an index reads of a context; `path` is looked up whole, `pathPrefix` by its beginnings. */
export type Facet = "account" | "principal" | "namespace" | "host" | "path" | "pathPrefix" | `header ${string}`;

/** Reads a facet; absent values find nothing. */
export type ReadFacet<C> = (context: C, facet: Facet) => string | undefined;

/** A value that a facet must have (or begin with). */
export interface RuleKey {
  readonly facet: Facet;
  readonly value: string;
}

/**
 * Ways to index one rule. Each way lists keys of which at least one fits whenever the rule holds; the way whose keys are
 * rarest is taken. No way: the rule is always tried.
 */
export type IndexWays = readonly (readonly RuleKey[])[];

/** From this many rules on an index is quicker than trying them all. */
export const indexedFrom = 8;

/** Beginnings of a path are cut once for each length that occurs; more lengths than these are not indexed. */
const prefixLengthsMax = 16;

/** Finds the rules that may hold, by values that they ask for. */
export class RuleIndex<C> {
  readonly #read: ReadFacet<C>;
  readonly #byFacet = new Map<Facet, Map<string, number[]>>();
  readonly #prefixLengths: readonly number[];
  /** Rules that are always tried. */
  readonly #rest: number[] = [];

  /** `ways` by ordinal. */
  constructor(ways: readonly IndexWays[], read: ReadFacet<C>) {
    this.#read = read;
    this.#prefixLengths = commonPrefixLengths(ways);
    const usable = ways.map((rule) => rule.filter((keys) => keys.every((key) => this.#canLookUp(key))));
    const rules = countRules(usable);
    for (const [ordinal, rule] of usable.entries()) {
      const best = rule.toSorted((a, b) => commonest(a, rules) - commonest(b, rules))[0];
      if (best === undefined) {
        this.#rest.push(ordinal);
      } else {
        for (const id of new Set(best.map(idOf))) {
          this.#add(id, ordinal);
        }
      }
    }
  }

  /** Ordinals of the rules that may hold, as sorted lists that may overlap. */
  candidates(context: C): readonly (readonly number[])[] {
    const found: (readonly number[])[] = [];
    if (this.#rest.length > 0) {
      found.push(this.#rest);
    }
    for (const [facet, rules] of this.#byFacet) {
      const value = this.#read(context, facet);
      if (value === undefined) {
        continue;
      }
      if (facet === "pathPrefix") {
        for (const length of this.#prefixLengths) {
          const list = length <= value.length ? rules.get(value.slice(0, length)) : undefined;
          if (list !== undefined) {
            found.push(list);
          }
        }
      } else {
        const list = rules.get(value);
        if (list !== undefined) {
          found.push(list);
        }
      }
    }
    return found;
  }

  #canLookUp({ facet, value }: RuleKey): boolean {
    return facet !== "pathPrefix" || this.#prefixLengths.includes(value.length);
  }

  #add(id: string, ordinal: number): void {
    const { facet, value } = keyOfId(id);
    const rules = this.#byFacet.get(facet) ?? new Map<string, number[]>();
    this.#byFacet.set(facet, rules);
    const list = rules.get(value);
    if (list === undefined) {
      rules.set(value, [ordinal]);
    } else {
      list.push(ordinal);
    }
  }
}

/** Names of facets have no colon: they are lower-case names of headers at most. */
const idOf = ({ facet, value }: RuleKey): string => `${facet}:${value}`;

function keyOfId(id: string): RuleKey {
  const colon = id.indexOf(":");
  return { facet: id.slice(0, colon) as Facet, value: id.slice(colon + 1) };
}

/** How many rules ask for each key. */
function countRules(ways: readonly IndexWays[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const keys of ways.flat()) {
    for (const id of new Set(keys.map(idOf))) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return counts;
}

/** Rules under the most common of the keys. */
const commonest = (keys: readonly RuleKey[], rules: ReadonlyMap<string, number>): number =>
  Math.max(...keys.map((key) => rules.get(idOf(key)) ?? 0));

function commonPrefixLengths(ways: readonly IndexWays[]): number[] {
  const counts = new Map<number, number>();
  for (const { facet, value } of ways.flat(2)) {
    if (facet === "pathPrefix") {
      counts.set(value.length, (counts.get(value.length) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, prefixLengthsMax)
    .map(([length]) => length);
}
