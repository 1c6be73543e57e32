/** What a layer 7 rule asks for by name, for `RuleIndex`. */
import { plainHeader } from "./condition-checks.ts";
import type { HttpCondition, HttpOperation, HttpRule, HttpSource } from "./http-model.ts";
import type { StringMatch } from "./model.ts";
import { isPathTemplate, parsePathTemplate } from "./path-template.ts";
import type { RequestContext } from "./request-context.ts";
import type { Facet, IndexWays, RuleKey } from "./rule-index.ts";

/** Reads what the index looks up. */
export function readFacet(at: RequestContext, facet: Facet): string | undefined {
  switch (facet) {
    case "account":
      return at.account;
    case "principal":
      return at.principal;
    case "namespace":
      return at.parts?.namespace;
    case "host":
      return at.host;
    case "path":
    case "pathPrefix":
      return at.attributes.path;
    default:
      return at.attributes.header(facet.slice("header ".length));
  }
}

/** The ways to find a rule: by callers, paths, hosts, conditions. Each must cover every alternative of its clause. */
export const indexWays = ({ from, to, when }: HttpRule): IndexWays =>
  [ofAll(from, callerKeys), ofAll(to, pathKeys), ofAll(to, hostKeys), ...when.map(conditionKeys)].filter(
    (keys) => keys !== undefined,
  );

function ofAll<A>(
  alternatives: readonly A[],
  keysOf: (alternative: A) => readonly RuleKey[] | undefined,
): readonly RuleKey[] | undefined {
  const keys = alternatives.map(keysOf);
  return keys.length === 0 || keys.includes(undefined) ? undefined : keys.flatMap((some) => some ?? []);
}

function callerKeys({ serviceAccounts, principals, namespaces }: HttpSource): readonly RuleKey[] | undefined {
  if (serviceAccounts !== undefined && serviceAccounts.length > 0) {
    return serviceAccounts.map(({ namespace, serviceAccount }) => ({
      facet: "account",
      value: `${namespace}/${serviceAccount}`,
    }));
  }
  return exactKeys("principal", principals) ?? exactKeys("namespace", namespaces);
}

function conditionKeys({ key, values }: HttpCondition): readonly RuleKey[] | undefined {
  switch (key) {
    case "source.principal":
      return exactKeys("principal", values);
    case "source.namespace":
      return exactKeys("namespace", values);
    default: {
      const header = plainHeader(key);
      return header === undefined ? undefined : exactKeys(`header ${header}`, values);
    }
  }
}

const hostKeys = ({ hosts }: HttpOperation): readonly RuleKey[] | undefined =>
  exactKeys("host", hosts)?.map(({ facet, value }) => ({ facet, value: value.toLowerCase() }));

function pathKeys({ paths }: HttpOperation): readonly RuleKey[] | undefined {
  const keys = paths?.map(pathKey);
  return keys === undefined || keys.length === 0 || keys.includes(undefined)
    ? undefined
    : keys.filter((key) => key !== undefined);
}

function pathKey(match: StringMatch): RuleKey | undefined {
  if (match.kind === "exact" && isPathTemplate(match.value)) {
    const template = parsePathTemplate(match.value);
    return template === undefined ? undefined : { facet: "pathPrefix", value: template.head };
  }
  if (match.kind === "exact") {
    return { facet: "path", value: match.value };
  }
  return match.kind === "prefix" ? { facet: "pathPrefix", value: match.value } : undefined;
}

/** Stars inside a value are wild for namespaces, so such a value cannot be looked up. */
function exactKeys(
  facet: RuleKey["facet"],
  matches: readonly StringMatch[] | undefined,
): readonly RuleKey[] | undefined {
  const keys = matches?.map((match) =>
    match.kind === "exact" && !match.value.includes("*") ? { facet, value: match.value } : undefined,
  );
  return keys === undefined || keys.length === 0 || keys.includes(undefined)
    ? undefined
    : keys.filter((key) => key !== undefined);
}
