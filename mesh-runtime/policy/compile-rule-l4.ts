import { assemble, type Fields, ports, ranges, serviceAccounts, strings } from "./compile-values.ts";
import { httpAttributes, isLayer4Key } from "./http-attributes.ts";
import type { Action, Group, Match, Rule } from "./model.ts";
import type { ConditionFields, OperationFields, RuleFields, SourceFields } from "./resource.ts";

/**
 * Compiles one rule for a layer 4 hop. An ALLOW rule with anything that only layer 7 can judge is left out
 * (`undefined`); a DENY rule keeps its layer 4 parts and so denies more than it asks for.
 *
 * A value that cannot be read loses the whole rule with ALLOW, as at layer 7. A clause that does not restrict is left out
 * instead of being sent as an empty match: ztunnel skips an empty match, which would let everything past a DENY policy.
 */
export function compileRuleL4(rule: RuleFields, action: Action, namespace: string): Group | undefined {
  if (action === "ALLOW" && httpAttributes(rule).length > 0) {
    return undefined;
  }
  const clauses: (readonly (Match | undefined)[])[] = [];
  if (rule.from !== undefined && rule.from.length > 0) {
    clauses.push(rule.from.map(({ source }) => sourceMatch(source ?? {}, action, namespace)));
  }
  if (rule.to !== undefined && rule.to.length > 0) {
    clauses.push(rule.to.map(({ operation }) => operationMatch(operation ?? {}, action)));
  }
  for (const condition of rule.when ?? []) {
    if (isLayer4Key(condition.key)) {
      clauses.push([conditionMatch(condition, action)]);
    }
  }
  const rules: Rule[] = [];
  for (const clause of clauses) {
    const matches = clause.filter((match) => match !== undefined);
    if (matches.length < clause.length) {
      return undefined;
    }
    if (matches.every((match) => Object.keys(match).length > 0)) {
      rules.push({ matches });
    }
  }
  return { rules };
}

const sourceMatch = (source: SourceFields, action: Action, namespace: string): Match | undefined =>
  match(
    {
      namespaces: strings(source.namespaces),
      notNamespaces: strings(source.notNamespaces),
      serviceAccounts: serviceAccounts(source.serviceAccounts, namespace),
      notServiceAccounts: serviceAccounts(source.notServiceAccounts, namespace),
      principals: strings(source.principals),
      notPrincipals: strings(source.notPrincipals),
      sourceIps: ranges(source.ipBlocks),
      notSourceIps: ranges(source.notIpBlocks),
    },
    action,
  );

const operationMatch = (operation: OperationFields, action: Action): Match | undefined =>
  match({ destinationPorts: ports(operation.ports), notDestinationPorts: ports(operation.notPorts) }, action);

function conditionMatch({ key, values, notValues }: ConditionFields, action: Action): Match | undefined {
  switch (key) {
    case "source.namespace":
      return match({ namespaces: strings(values), notNamespaces: strings(notValues) }, action);
    case "source.principal":
      return match({ principals: strings(values), notPrincipals: strings(notValues) }, action);
    case "source.ip":
      return match({ sourceIps: ranges(values), notSourceIps: ranges(notValues) }, action);
    case "destination.ip":
      return match({ destinationIps: ranges(values), notDestinationIps: ranges(notValues) }, action);
    default:
      return match({ destinationPorts: ports(values), notDestinationPorts: ports(notValues) }, action);
  }
}

const match = (fields: Fields & Partial<Record<keyof Match, unknown>>, action: Action): Match | undefined =>
  assemble<Match>(fields, action);
