import type { L7RouteMatch } from "../../../xds/proxy-config.ts";
import type { Candidate } from "./candidate.ts";
import { segmentPrefix } from "./compile-match.ts";
import { ConditionIndex } from "./condition-index.ts";
import { PathTree, type Place } from "./path-tree.ts";
import type { RoutedRequest } from "./routed-request.ts";

/** Finds the candidate that takes a request. What it costs depends on the request's path, not on how many routes there are. */
export class RouteTable<A> {
  readonly #exactCase: PathTree<ConditionIndex<A>> | undefined;
  readonly #anyCase: PathTree<ConditionIndex<A>> | undefined;
  readonly #found: ConditionIndex<A>[] = [];

  /** Candidates in the order of precedence. */
  constructor(candidates: readonly Candidate<A>[]) {
    const ignoresCase = ({ match: { path } }: Candidate<A>): boolean => path.ignoreCase;
    this.#exactCase = treeOf(candidates.filter((candidate) => !ignoresCase(candidate)));
    this.#anyCase = treeOf(candidates.filter(ignoresCase));
  }

  match(request: RoutedRequest): Candidate<A> | undefined {
    const found = this.#found;
    found.length = 0;
    this.#exactCase?.collect(request.path, found);
    this.#anyCase?.collect(request.path.toLowerCase(), found);
    let best: Candidate<A> | undefined;
    // The longest paths last, which are mostly the ones that win.
    for (let index = found.length - 1; index >= 0; index--) {
      best = found[index]?.first(request, best) ?? best;
    }
    return best;
  }
}

function treeOf<A>(candidates: readonly Candidate<A>[]): PathTree<ConditionIndex<A>> | undefined {
  if (candidates.length === 0) {
    return undefined;
  }
  const lists = new PathTree<Candidate<A>[]>();
  const used = new Map<string, Place<Candidate<A>[]>>();
  for (const candidate of candidates) {
    const { key, kind } = placeOf(candidate.match.path);
    const place = lists.place(key);
    used.set(key, place);
    const list = place[kind];
    if (list === undefined) {
      place[kind] = [candidate];
    } else {
      list.push(candidate);
    }
  }
  const tree = new PathTree<ConditionIndex<A>>();
  for (const [key, { exact, segment, open }] of used) {
    const place = tree.place(key);
    place.exact = exact && new ConditionIndex(exact);
    place.segment = segment && new ConditionIndex(segment);
    place.open = open && new ConditionIndex(open);
  }
  return tree;
}

function placeOf({ type, value, ignoreCase }: L7RouteMatch["path"]): { key: string; kind: keyof Place<unknown> } {
  const key = ignoreCase ? value.toLowerCase() : value;
  switch (type) {
    case "Exact":
      return { key, kind: "exact" };
    case "PathPrefix":
      return { key: segmentPrefix(key), kind: "segment" };
    case "Prefix":
      return { key, kind: "open" };
    case "RegularExpression":
      return { key: ignoreCase ? "" : literalPrefix(value), kind: "open" };
  }
}

/** Characters that every match of the expression begins with. */
export function literalPrefix(expression: string): string {
  const source = expression.startsWith("^") ? expression.slice(1) : expression;
  if (hasChoice(source)) {
    return "";
  }
  const literal = /^[A-Za-z0-9/_~%@:;,=!&' -]*/.exec(source)?.[0] ?? "";
  // What a quantifier follows may be missing.
  return /^[*+?{]/.test(source.slice(literal.length)) ? literal.slice(0, -1) : literal;
}

/** Whether the expression may be a choice at its top, which makes nothing sure. */
function hasChoice(source: string): boolean {
  let depth = 0;
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (character === "\\" || character === "[") {
      // Escapes and sets may hide parentheses: any choice counts then.
      return source.includes("|");
    }
    depth += character === "(" ? 1 : character === ")" ? -1 : 0;
    if (character === "|" && depth === 0) {
      return true;
    }
  }
  return false;
}
