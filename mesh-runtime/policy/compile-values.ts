import { parseIpBlock } from "./ip-address.ts";
import { parseStringMatch } from "./match-string.ts";
import type { CidrMatch, ServiceAccountMatch, StringMatch } from "./model.ts";
import { isPathTemplate } from "./path-template.ts";

/** Values of one field: what could be read, and whether something could not. */
export interface Values<V> {
  readonly list: readonly V[] | undefined;
  readonly spoilt: boolean;
}

type Texts = readonly string[] | undefined;

function read<V>(texts: Texts, parse: (text: string) => V | undefined): Values<V> {
  if (texts === undefined || texts.length === 0) {
    return { list: undefined, spoilt: false };
  }
  const list = texts.map(parse).filter((value) => value !== undefined);
  return { list, spoilt: list.length < texts.length };
}

export const strings = (texts: Texts): Values<StringMatch> => read(texts, parseStringMatch);

/** Templates such as `/users/{*}/orders` stay whole. */
export const paths = (texts: Texts): Values<StringMatch> =>
  read(texts, (text) => (isPathTemplate(text) ? { kind: "exact", value: text } : parseStringMatch(text)));

export const ranges = (texts: Texts): Values<CidrMatch> => read(texts, parseIpBlock);

export const ports = (texts: Texts): Values<number> =>
  read(texts, (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined));

/** `ns/sa`, or `sa` in the policy's own namespace. */
export const serviceAccounts = (texts: Texts, namespace: string): Values<ServiceAccountMatch> =>
  read(texts, (text) => {
    const slash = text.indexOf("/");
    return slash === -1
      ? { namespace, serviceAccount: text }
      : { namespace: text.slice(0, slash), serviceAccount: text.slice(slash + 1) };
  });

/** A condition's ranges and ports are checked but carried as text. */
export const texts = <V>(values: Texts, parse: (values: Texts) => Values<V>): Values<StringMatch> => ({
  list: values?.length ? values.map((value) => ({ kind: "exact", value })) : undefined,
  spoilt: parse(values).spoilt,
});

/** Fields of one matcher, without those that do not restrict. */
export type Fields = Readonly<Record<string, Values<unknown>>>;

/**
 * Puts fields together. Values that cannot be read must not loosen a policy: with ALLOW the matcher is given up
 * (`undefined`), with DENY the field is left out, which widens the denial.
 */
export function assemble<M>(fields: Fields, action: "ALLOW" | "DENY"): M | undefined {
  const entries: [string, unknown][] = [];
  for (const [name, { list, spoilt }] of Object.entries(fields)) {
    if (spoilt && action === "ALLOW") {
      return undefined;
    }
    if (!spoilt && list !== undefined) {
      entries.push([name, list]);
    }
  }
  // The names are the keys of M; the callers below spell them out next to the type.
  return Object.fromEntries(entries) as M;
}
