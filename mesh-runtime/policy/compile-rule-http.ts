import { assemble, paths, ports, ranges, serviceAccounts, strings, texts } from "./compile-values.ts";
import type { HttpCondition, HttpOperation, HttpRule, HttpSource } from "./http-model.ts";
import type { Action } from "./model.ts";
import type { ConditionFields, OperationFields, RuleFields, SourceFields } from "./resource.ts";

/**
 * Compiles one rule for a layer 7 proxy; `undefined` when the rule can never match. Requests carry no verified token
 * here, so `requestPrincipals` never matches and `notRequestPrincipals` always does.
 */
export function compileRuleHttp(rule: RuleFields, action: Action, namespace: string): HttpRule | undefined {
  const from = (rule.from ?? [])
    .map(({ source }) => httpSource(source ?? {}, action, namespace))
    .filter((source) => source !== undefined);
  const to = (rule.to ?? [])
    .map(({ operation }) => httpOperation(operation ?? {}, action))
    .filter((operation) => operation !== undefined);
  const when = (rule.when ?? []).map((condition) => httpCondition(condition, action));
  const lost = ((rule.from?.length ?? 0) > 0 && from.length === 0) || ((rule.to?.length ?? 0) > 0 && to.length === 0);
  const conditions = when.filter((condition) => condition !== undefined);
  return lost || conditions.length < when.length ? undefined : { from, to, when: conditions };
}

function httpSource(source: SourceFields, action: Action, namespace: string): HttpSource | undefined {
  if ((source.requestPrincipals?.length ?? 0) > 0) {
    return undefined;
  }
  return assemble<HttpSource>(
    {
      principals: strings(source.principals),
      notPrincipals: strings(source.notPrincipals),
      serviceAccounts: serviceAccounts(source.serviceAccounts, namespace),
      notServiceAccounts: serviceAccounts(source.notServiceAccounts, namespace),
      namespaces: strings(source.namespaces),
      notNamespaces: strings(source.notNamespaces),
      ipBlocks: ranges(source.ipBlocks),
      notIpBlocks: ranges(source.notIpBlocks),
      remoteIpBlocks: ranges(source.remoteIpBlocks),
      notRemoteIpBlocks: ranges(source.notRemoteIpBlocks),
    },
    action,
  );
}

const httpOperation = (operation: OperationFields, action: Action): HttpOperation | undefined =>
  assemble<HttpOperation>(
    {
      hosts: strings(operation.hosts),
      notHosts: strings(operation.notHosts),
      ports: ports(operation.ports),
      notPorts: ports(operation.notPorts),
      methods: strings(operation.methods),
      notMethods: strings(operation.notMethods),
      paths: paths(operation.paths),
      notPaths: paths(operation.notPaths),
    },
    action,
  );

function httpCondition({ key, values, notValues }: ConditionFields, action: Action): HttpCondition | undefined {
  const parse = key.endsWith(".ip")
    ? (given: readonly string[] | undefined) => texts(given, ranges)
    : key === "destination.port"
      ? (given: readonly string[] | undefined) => texts(given, ports)
      : strings;
  const fields = assemble<Omit<HttpCondition, "key">>({ values: parse(values), notValues: parse(notValues) }, action);
  return fields === undefined ? undefined : { key, ...fields };
}
