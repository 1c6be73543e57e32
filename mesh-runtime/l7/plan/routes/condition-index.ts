import type { L7NamedMatch } from "../../../xds/proxy-config.ts";
import type { Candidate } from "./candidate.ts";
import { queryParameter } from "./query-parameters.ts";
import type { RoutedRequest } from "./routed-request.ts";

/** Up to so many candidates are tried one by one. */
const scannedMax = 8;

/** Reads the value by which candidates are told apart. */
type Read = (request: RoutedRequest) => string | undefined;

interface Group<A> {
  readonly read: Read;
  readonly byValue: Map<string, Candidate<A>[]>;
}

/**
 * Candidates of one path, found without trying all of them: those that ask for an exact value of a header, a query
 * parameter, the authority or the method are looked up by it.
 */
export class ConditionIndex<A> {
  /** What no exact value tells apart, in order. */
  readonly #scanned: Candidate<A>[] = [];
  readonly #groups = new Map<string, Group<A>>();

  /** Candidates in their order. */
  constructor(candidates: readonly Candidate<A>[]) {
    if (candidates.length <= scannedMax) {
      this.#scanned.push(...candidates);
      return;
    }
    for (const candidate of candidates) {
      const key = keyOf(candidate);
      if (key === undefined) {
        this.#scanned.push(candidate);
        continue;
      }
      let group = this.#groups.get(key.name);
      if (group === undefined) {
        group = { read: key.read, byValue: new Map() };
        this.#groups.set(key.name, group);
      }
      const same = group.byValue.get(key.value);
      if (same === undefined) {
        group.byValue.set(key.value, [candidate]);
      } else {
        same.push(candidate);
      }
    }
  }

  /** The first that holds of those before `best`; otherwise `best`. */
  first(request: RoutedRequest, best: Candidate<A> | undefined): Candidate<A> | undefined {
    let found = firstOf(this.#scanned, request, best);
    for (const { read, byValue } of this.#groups.values()) {
      const value = read(request);
      const same = value === undefined ? undefined : byValue.get(value);
      if (same !== undefined) {
        found = firstOf(same, request, found);
      }
    }
    return found;
  }
}

function firstOf<A>(
  candidates: readonly Candidate<A>[],
  request: RoutedRequest,
  best: Candidate<A> | undefined,
): Candidate<A> | undefined {
  for (const candidate of candidates) {
    if (best !== undefined && candidate.order >= best.order) {
      return best;
    }
    if (candidate.holds(request)) {
      return candidate;
    }
  }
  return best;
}

interface Key {
  /** Names what is read. */
  readonly name: string;
  readonly read: Read;
  readonly value: string;
}

const isExact = ({ type, ignoreCase, negated }: L7NamedMatch): boolean => type === "Exact" && !ignoreCase && !negated;

function keyOf<A>({ match }: Candidate<A>): Key | undefined {
  const header = match.headers.find(isExact);
  if (header !== undefined) {
    const name = header.name.toLowerCase();
    return { name: `header ${name}`, read: (request) => request.header(name), value: header.value };
  }
  const parameter = match.queryParams.find(isExact);
  if (parameter !== undefined) {
    const { name, value } = parameter;
    return { name: `query ${name}`, read: ({ query }) => queryParameter(query, name), value };
  }
  if (match.authority?.type === "Exact" && !match.authority.ignoreCase) {
    return { name: "authority", read: ({ authority }) => authority, value: match.authority.value };
  }
  if (match.method?.type === "Exact" && !match.method.ignoreCase) {
    return { name: "method", read: ({ method }) => method, value: match.method.value };
  }
  return undefined;
}
