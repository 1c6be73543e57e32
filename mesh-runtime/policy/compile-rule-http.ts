import { assemble, paths, ports, ranges, serviceAccounts, strings, texts } from "./compile-values.ts";
import type { HttpCondition, HttpOperation, HttpRule, HttpSource } from "./http-model.ts";
import type { Action } from "./model.ts";
import type { ConditionFields, OperationFields, RuleFields, SourceFields } from "./resource.ts";

/**
 * Compiles one rule for a layer 7 proxy; `undefined` when the rule can never match. One value that cannot be read loses
 * the whole rule with ALLOW, and widens it with everything else (istiod's `checkError`).
 */
export function compileRuleHttp(rule: RuleFields, action: Action, namespace: string): HttpRule | undefined {
  const from = (rule.from ?? []).map(({ source }) => httpSource(source ?? {}, action, namespace));
  const to = (rule.to ?? []).map(({ operation }) => httpOperation(operation ?? {}, action));
  const when = (rule.when ?? []).map((condition) => httpCondition(condition, action));
  return allRead(from) && allRead(to) && allRead(when) ? { from, to, when } : undefined;
}

const allRead = <M>(matchers: readonly (M | undefined)[]): matchers is readonly M[] => !matchers.includes(undefined);

const httpSource = (source: SourceFields, action: Action, namespace: string): HttpSource | undefined =>
  assemble<HttpSource>(
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
      requestPrincipals: strings(source.requestPrincipals),
      notRequestPrincipals: strings(source.notRequestPrincipals),
    },
    action,
  );

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
