/** Warnings of istiod about rules and matches of a VirtualService that never apply. */
import { canonical } from "../schema/json.ts";
import type { HttpMatchRequest } from "./http-match.ts";
import type { Report } from "./report.ts";
import type { StringMatch } from "./string-match.ts";

interface Rule {
  readonly name?: string | undefined;
  readonly match?: readonly object[] | undefined;
}

interface HttpRule extends Rule {
  readonly match?: readonly HttpMatchRequest[] | undefined;
}

const nameOf = (part: object, index: number): string =>
  "name" in part && typeof part.name === "string" && part.name !== "" ? JSON.stringify(part.name) : `#${index}`;

/** Rules of one protocol, in order. */
export function warnUnreachable(rules: readonly Rule[], report: Report): void {
  const unused = (rule: string, why: string) => report.warn(`virtualService rule ${rule} not used (${why})`);
  const known = new Map<string, string>();
  let open = false;
  for (const [i, rule] of rules.entries()) {
    const name = nameOf(rule, i);
    const matches = rule.match ?? [];
    if (matches.length === 0) {
      if (open) {
        unused(name, "only the last rule can have no matches");
      }
      open = true;
      continue;
    }
    let duplicates = 0;
    for (const [j, match] of matches.entries()) {
      if (open) {
        unused(name, "route without matches defined before");
        continue;
      }
      const text = canonical({ ...match, name: undefined });
      const before = known.get(text);
      if (before === undefined) {
        known.set(text, name);
      } else {
        ineffective(name, nameOf(match, j), before, report);
        duplicates += 1;
      }
    }
    if (duplicates === matches.length) {
      unused(name, "all matches used by prior rules");
    }
  }
}

const ineffective = (rule: string, match: string, before: string, report: Report) =>
  report.warn(`virtualService rule ${rule} match ${match} is not used (duplicate/overlapping match in rule ${before})`);

/** A match by prefix, as far as one may cover another. */
interface PrefixMatch {
  readonly rule: string;
  readonly match: string;
  readonly prefix: string;
  readonly port: number;
  readonly method: string;
  readonly authority: string;
  readonly named: readonly ReadonlyMap<string, string>[];
}

/** Most pairs of prefixes that are compared; istiod compares all. */
const pairsMax = 100_000;

/** Prefixes that stand after a shorter one which takes all of their requests. */
export function warnCovered(rules: readonly HttpRule[], report: Report): void {
  const seen = new Set<string>();
  const matches: PrefixMatch[] = [];
  // What stands behind a rule without matches has been reported.
  const open = rules.findIndex((rule) => (rule.match?.length ?? 0) === 0);
  for (const [i, rule] of (open < 0 ? rules : rules.slice(0, open)).entries()) {
    for (const [j, match] of (rule.match ?? []).entries()) {
      const text = canonical({ ...match, name: undefined });
      if (match.uri?.prefix && !seen.has(text)) {
        matches.push(prefixMatch(nameOf(rule, i), nameOf(match, j), match.uri.prefix, match));
      }
      seen.add(text);
    }
  }
  if (matches.length ** 2 > pairsMax) {
    return;
  }
  for (const [i, first] of matches.entries()) {
    for (const later of matches.slice(i + 1)) {
      if (first.prefix !== later.prefix && covers(first, later)) {
        const [a, b] = [later, first].map(({ match, prefix }) => `${match} of prefix ${prefix}`);
        ineffective(later.rule, a ?? "", `${b} on ${first.rule}`, report);
      }
    }
  }
}

const textOf = (match: StringMatch | undefined) =>
  match?.exact ? `exact:${match.exact}` : match?.prefix ? `prefix:${match.prefix}` : "";

function prefixMatch(rule: string, name: string, prefix: string, match: HttpMatchRequest): PrefixMatch {
  const texts = (matches: Readonly<Record<string, StringMatch>> = {}) =>
    new Map(Object.entries(matches).map(([key, value]) => [key, textOf(value)]));
  return {
    rule,
    match: name,
    prefix,
    port: match.port ?? 0,
    method: textOf(match.method) || "exact:GET",
    authority: textOf(match.authority),
    named: [texts(match.headers), texts(match.queryParams), texts(match.withoutHeaders)],
  };
}

function covers(a: PrefixMatch, b: PrefixMatch): boolean {
  return (
    b.prefix.startsWith(a.prefix) &&
    a.port === b.port &&
    a.method.startsWith(b.method) &&
    a.authority.startsWith(b.authority) &&
    a.named.every((texts, i) => {
      const others = b.named[i] ?? new Map<string, string>();
      return (
        texts.size === others.size &&
        [...texts].every(([key, text]) => {
          const other = others.get(key);
          return other !== undefined && text.startsWith(other);
        })
      );
    })
  );
}
