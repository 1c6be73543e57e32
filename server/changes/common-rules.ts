/** What two lists of ALLOW rules both let in, written as rules. Pure. */
import { canonical } from "@/server/golden-paths/resource.ts";

/** A rule of an AuthorizationPolicy, as far as it matters here. */
export interface AllowRule {
  readonly from?: readonly { readonly source?: Fields }[];
  readonly to?: readonly { readonly operation?: Fields }[];
  readonly when?: readonly unknown[];
}
type Fields = Readonly<Record<string, unknown>>;

/**
 * Rules that let in nobody whom one of both lists does not let in. Where it cannot be told from the text (different
 * conditions, a pattern against another pattern) nothing is let in: too little is an outage, too much a bypass. Equal
 * lists come back as they are.
 */
export function commonRules(wanted: readonly AllowRule[], live: readonly AllowRule[]): readonly AllowRule[] {
  const both = wanted.flatMap((one) => {
    const parts = live.flatMap((other) => common(one, other));
    // All of it is let in by one rule alone: the rest are parts of it.
    return parts.find((part) => canonical(part) === canonical(one)) ?? parts;
  });
  return [...new Map(both.map((rule) => [canonical(rule), rule])).values()];
}

function common(one: AllowRule, other: AllowRule): AllowRule[] {
  if (canonical(one.when ?? []) !== canonical(other.when ?? [])) {
    return [];
  }
  const from = eitherOf(
    one.from,
    other.from,
    ({ source }) => source,
    (source) => ({ source }),
  );
  const to = eitherOf(
    one.to,
    other.to,
    ({ operation }) => operation,
    (operation) => ({ operation }),
  );
  return from === undefined || to === undefined
    ? []
    : [
        {
          ...(from.length === 0 ? {} : { from }),
          ...(to.length === 0 ? {} : { to }),
          ...(one.when === undefined ? {} : { when: one.when }),
        },
      ];
}

/** Alternatives that both have; none on a side means any. Undefined: they have nothing in common. */
function eitherOf<T>(
  one: readonly T[] | undefined,
  other: readonly T[] | undefined,
  read: (entry: T) => Fields | undefined,
  write: (fields: Fields) => T,
): readonly T[] | undefined {
  const [left = [], right = []] = [one, other];
  if (left.length === 0 || right.length === 0) {
    return left.length === 0 ? right : left;
  }
  const both = left.flatMap((entry) => {
    const parts = right.flatMap((another) => commonFields(read(entry) ?? {}, read(another) ?? {}));
    return (parts.find((part) => canonical(part) === canonical(read(entry))) ? [entry] : parts.map(write)) as T[];
  });
  return both.length === 0 ? undefined : both;
}

/** Lists of exact names whose common part is what both lists name. */
const named: ReadonlySet<string> = new Set(["serviceAccounts", "ports", "methods"]);
/** How else a source names callers; the API takes none of them beside service accounts. */
const otherNames = ["principals", "notPrincipals", "namespaces", "notNamespaces"];

/** All fields of one alternative must hold, so both sets of fields together; of a field that both have, what is common. */
function commonFields(one: Fields, given: Fields): Fields[] {
  const other = "serviceAccounts" in one ? asAccounts(given, exactly(one["serviceAccounts"])) : given;
  if (other === undefined) {
    return [];
  }
  const fields: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const mine = one[name];
    if (mine === undefined) {
      fields[name] = value;
    } else if (canonical(mine) !== canonical(value)) {
      const shared = named.has(name) ? exactly(mine).filter((entry) => exactly(value).includes(entry)) : [];
      if (shared.length === 0) {
        return [];
      }
      fields[name] = shared;
    }
  }
  const byAccount = "serviceAccounts" in fields || "notServiceAccounts" in fields;
  return byAccount && otherNames.some((name) => name in fields) ? [] : [fields];
}

/** A source that names namespaces, or anybody with an identity, by the accounts of these that it lets in. */
function asAccounts(source: Fields, accounts: readonly string[]): Fields | undefined {
  const { principals, namespaces, ...rest } = source;
  if (otherNames.every((name) => source[name] === undefined)) {
    return source;
  }
  const anybody = principals === undefined || canonical(principals) === canonical(["*"]);
  if (!anybody || "notPrincipals" in source || "notNamespaces" in source || "serviceAccounts" in source) {
    return undefined;
  }
  const inside = exactly(namespaces);
  const within = accounts.filter((account) => namespaces === undefined || inside.includes(account.split("/")[0] ?? ""));
  return within.length === 0 ? undefined : { ...rest, serviceAccounts: within };
}

/** Entries of a list that stand for themselves only. */
const exactly = (list: unknown): string[] =>
  Array.isArray(list)
    ? list.filter((entry: unknown): entry is string => typeof entry === "string" && !entry.includes("*"))
    : [];
