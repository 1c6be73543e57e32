import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HttpAuthorization, HttpCondition, HttpOperation, HttpRule, HttpSource } from "../policy/http-model.ts";
import {
  HttpAction,
  type HttpAuthorizationSchema,
  type HttpAuthorization as WireAuthorization,
  type HttpCondition as WireCondition,
  type HttpOperation as WireOperation,
  type HttpRule as WireRule,
  type HttpSource as WireSource,
} from "./gen/http-authorization_pb.js";
import {
  accountFromWire,
  accountsToWire,
  cidrFromWire,
  cidrsToWire,
  filled,
  portFromWire,
  stringFromWire,
  stringsToWire,
} from "./match-wire.ts";
import { closedEnum } from "./proxy-config/closed-enum.ts";
import { entriesMax, list, text } from "./proxy-config/limits.ts";
import { requiredText } from "./resource-type.ts";

const actions = closedEnum({
  ALLOW: HttpAction.ALLOW,
  DENY: HttpAction.DENY,
  AUDIT: HttpAction.AUDIT,
  CUSTOM: HttpAction.CUSTOM,
});

/** An AuthorizationPolicy for an L7 proxy, to the wire. */
export function httpAuthorizationToWire(value: HttpAuthorization): MessageInitShape<typeof HttpAuthorizationSchema> {
  return {
    name: value.name,
    namespace: value.namespace,
    action: actions.toWire(value.action),
    dryRun: value.dryRun,
    provider: value.provider,
    rules: value.rules.map((rule) => ({
      from: rule.from.map(sourceToWire),
      to: rule.to.map(operationToWire),
      when: rule.when.map(({ key, values, notValues }) => ({
        key,
        values: stringsToWire(values),
        notValues: stringsToWire(notValues),
      })),
    })),
  };
}

/** And back; throws `MalformedResource`. */
export const httpAuthorizationFromWire = (wire: WireAuthorization): HttpAuthorization => ({
  name: requiredText(wire.name, "authorization name"),
  namespace: requiredText(wire.namespace, "authorization namespace"),
  action: actions.fromWire(wire.action, `action of ${wire.namespace}/${wire.name}`),
  dryRun: wire.dryRun,
  provider: text(wire.provider, "provider"),
  rules: list(wire.rules, `rules of ${wire.namespace}/${wire.name}`, ruleFromWire, entriesMax),
});

const ruleFromWire = (wire: WireRule): HttpRule => ({
  from: list(wire.from, "sources", sourceFromWire, entriesMax),
  to: list(wire.to, "operations", operationFromWire, entriesMax),
  when: list(wire.when, "conditions", conditionFromWire, entriesMax),
});

const sourceToWire = (source: HttpSource) => ({
  principals: stringsToWire(source.principals),
  notPrincipals: stringsToWire(source.notPrincipals),
  serviceAccounts: accountsToWire(source.serviceAccounts),
  notServiceAccounts: accountsToWire(source.notServiceAccounts),
  namespaces: stringsToWire(source.namespaces),
  notNamespaces: stringsToWire(source.notNamespaces),
  ipBlocks: cidrsToWire(source.ipBlocks),
  notIpBlocks: cidrsToWire(source.notIpBlocks),
  remoteIpBlocks: cidrsToWire(source.remoteIpBlocks),
  notRemoteIpBlocks: cidrsToWire(source.notRemoteIpBlocks),
  requestPrincipals: stringsToWire(source.requestPrincipals),
  notRequestPrincipals: stringsToWire(source.notRequestPrincipals),
});

const sourceFromWire = (wire: WireSource): HttpSource =>
  filled({
    principals: wire.principals.map(stringFromWire),
    notPrincipals: wire.notPrincipals.map(stringFromWire),
    serviceAccounts: wire.serviceAccounts.map(accountFromWire),
    notServiceAccounts: wire.notServiceAccounts.map(accountFromWire),
    namespaces: wire.namespaces.map(stringFromWire),
    notNamespaces: wire.notNamespaces.map(stringFromWire),
    ipBlocks: wire.ipBlocks.map(cidrFromWire),
    notIpBlocks: wire.notIpBlocks.map(cidrFromWire),
    remoteIpBlocks: wire.remoteIpBlocks.map(cidrFromWire),
    notRemoteIpBlocks: wire.notRemoteIpBlocks.map(cidrFromWire),
    requestPrincipals: wire.requestPrincipals.map(stringFromWire),
    notRequestPrincipals: wire.notRequestPrincipals.map(stringFromWire),
  });

const operationToWire = (operation: HttpOperation) => ({
  hosts: stringsToWire(operation.hosts),
  notHosts: stringsToWire(operation.notHosts),
  ports: [...(operation.ports ?? [])],
  notPorts: [...(operation.notPorts ?? [])],
  methods: stringsToWire(operation.methods),
  notMethods: stringsToWire(operation.notMethods),
  paths: stringsToWire(operation.paths),
  notPaths: stringsToWire(operation.notPaths),
});

const operationFromWire = (wire: WireOperation): HttpOperation =>
  filled({
    hosts: wire.hosts.map(stringFromWire),
    notHosts: wire.notHosts.map(stringFromWire),
    ports: wire.ports.map(portFromWire),
    notPorts: wire.notPorts.map(portFromWire),
    methods: wire.methods.map(stringFromWire),
    notMethods: wire.notMethods.map(stringFromWire),
    paths: wire.paths.map(stringFromWire),
    notPaths: wire.notPaths.map(stringFromWire),
  });

const conditionFromWire = (wire: WireCondition): HttpCondition => ({
  key: requiredText(wire.key, "condition key"),
  ...filled({ values: wire.values.map(stringFromWire), notValues: wire.notValues.map(stringFromWire) }),
});
