import { conditionChecks, isHttpCondition } from "./condition-checks.ts";
import { type PreparedPolicies, preparePolicies } from "./decide.ts";
import type { HttpAuthorization, HttpRule } from "./http-model.ts";
import type { Action } from "./model.ts";
import type { Alternative, Clause, PreparedPolicy, PreparedRule } from "./prepared-policy.ts";
import { operationChecks, sourceChecks } from "./request-checks.ts";
import type { RequestContext } from "./request-context.ts";
import { indexedFrom, RuleIndex } from "./rule-index.ts";
import { indexWays, readFacet } from "./rule-keys.ts";
import { RuleList } from "./rule-list.ts";

/** Policies made ready for evaluation; prepare them once per configuration. */
export interface PreparedHttpPolicies {
  /** DENY and ALLOW. */
  readonly enforced: PreparedPolicies<RequestContext>;
  /** DENY and ALLOW in dry run. */
  readonly shadow: PreparedPolicies<RequestContext>;
  readonly audit: RuleList<RequestContext>;
  readonly custom: RuleList<RequestContext>;
  /** Authorizers by policy of `custom`. */
  readonly providers: readonly string[];
  /** For connections without HTTP: CUSTOM counts as DENY. */
  readonly tcp: PreparedPolicies<RequestContext>;
  /** Of all policies; empty when there is nothing to evaluate. */
  readonly keys: readonly string[];
}

/** Compiles policies for `evaluateL7` and its siblings. Order among policies of one action is that of `policies`. */
export function prepareHttpPolicies(policies: readonly HttpAuthorization[]): PreparedHttpPolicies {
  const of = (dryRun: boolean, ...actions: readonly HttpAuthorization["action"][]): readonly HttpAuthorization[] =>
    policies.filter((policy) => policy.dryRun === dryRun && actions.includes(policy.action));
  const custom = of(false, "CUSTOM");
  const verdicts = (some: readonly HttpAuthorization[], tcp = false): PreparedPolicies<RequestContext> => {
    const sources = new Map(some.map((policy) => [prepared(policy, tcp), policy]));
    return preparePolicies([...sources.keys()], [], (chosen) =>
      listOf(chosen, tcp ? [] : chosen.flatMap((policy) => sources.get(policy)?.rules ?? [])),
    );
  };
  return {
    enforced: verdicts(of(false, "DENY", "ALLOW")),
    shadow: verdicts(of(true, "DENY", "ALLOW")),
    audit: indexed(of(false, "AUDIT")),
    custom: indexed(custom),
    providers: custom.map(({ provider }) => provider),
    tcp: verdicts([...custom, ...of(false, "DENY", "ALLOW")], true),
    keys: policies.map(keyOf),
  };
}

const indexed = (policies: readonly HttpAuthorization[]): RuleList<RequestContext> =>
  listOf(
    policies.map((policy) => prepared(policy, false)),
    policies.flatMap(({ rules }) => rules),
  );

/** `rules` are those of the policies, in the same order; without them there is no index. */
const listOf = (
  policies: readonly PreparedPolicy<RequestContext>[],
  rules: readonly HttpRule[],
): RuleList<RequestContext> =>
  rules.length < indexedFrom
    ? new RuleList(policies)
    : new RuleList(policies, new RuleIndex(rules.map(indexWays), readFacet));

const keyOf = ({ namespace, name }: HttpAuthorization): string => `${namespace}/${name}`;

/** ALLOW narrows where something is unclear; all other actions widen (istiod's `checkError`). */
function prepared(policy: HttpAuthorization, tcp: boolean): PreparedPolicy<RequestContext> {
  const action: Action = policy.action === "ALLOW" ? "ALLOW" : "DENY";
  const rules = policy.action === "CUSTOM" ? policy.rules.map(withoutTokens) : policy.rules;
  return { key: keyOf(policy), action, rules: rules.map((rule) => preparedRule(rule, action, tcp)) };
}

/** Authorizers are asked before tokens are verified, so what CUSTOM says of tokens is left out: they are asked more often. */
const withoutTokens = ({ from, to, when }: HttpRule): HttpRule => ({
  from: from.map(({ requestPrincipals: _, notRequestPrincipals: __, ...source }) => source),
  to,
  when: when.filter(({ key }) => !key.startsWith("request.auth.")),
});

function preparedRule(rule: HttpRule, action: Action, tcp: boolean): PreparedRule<RequestContext> {
  if (tcp && action === "ALLOW" && needsHttp(rule)) {
    return never;
  }
  const { from, to, when } = rule;
  return [
    ...clause(from.map((source) => sourceChecks(source, action, tcp))),
    ...clause(to.map((operation) => operationChecks(operation, action, tcp))),
    ...when.map((condition) => [conditionChecks(condition, action, tcp)]),
  ];
}

const clause = (alternatives: Clause<RequestContext>): Clause<RequestContext>[] =>
  alternatives.length === 0 ? [] : [alternatives];

/** A clause without alternatives. */
const never: PreparedRule<RequestContext> = [[] satisfies Alternative<RequestContext>[]];

/** One attribute of HTTP anywhere makes istiod leave out the whole ALLOW rule for TCP. */
const needsHttp = ({ from, to, when }: HttpRule): boolean =>
  from.some(({ requestPrincipals, notRequestPrincipals }) => filled(requestPrincipals, notRequestPrincipals)) ||
  to.some(({ hosts, notHosts, methods, notMethods, paths, notPaths }) =>
    filled(hosts, notHosts, methods, notMethods, paths, notPaths),
  ) ||
  when.some(isHttpCondition);

const filled = (...lists: readonly (readonly unknown[] | undefined)[]): boolean =>
  lists.some((list) => list !== undefined && list.length > 0);
