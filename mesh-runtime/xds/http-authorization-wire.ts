import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HttpAuthorization, HttpCondition, HttpOperation, HttpSource } from "../policy/http-model.ts";
import { Action } from "./gen/authorization_pb.js";
import type {
  HttpAuthorizationSchema,
  HttpAuthorization as WireAuthorization,
  HttpCondition as WireCondition,
  HttpOperation as WireOperation,
  HttpSource as WireSource,
} from "./gen/proxy-config_pb.js";
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
import { MalformedResource, requiredText } from "./resource-type.ts";

/** An AuthorizationPolicy for an L7 proxy, to the wire. */
export function httpAuthorizationToWire(value: HttpAuthorization): MessageInitShape<typeof HttpAuthorizationSchema> {
  return {
    name: value.name,
    namespace: value.namespace,
    action: Action[value.action],
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
export function httpAuthorizationFromWire(wire: WireAuthorization): HttpAuthorization {
  const action = Action[wire.action] as HttpAuthorization["action"] | undefined;
  if (action === undefined) {
    throw new MalformedResource(`authorization ${wire.name}: action is unknown`);
  }
  return {
    name: requiredText(wire.name, "authorization name"),
    namespace: requiredText(wire.namespace, "authorization namespace"),
    action,
    rules: wire.rules.map((rule) => ({
      from: rule.from.map(sourceFromWire),
      to: rule.to.map(operationFromWire),
      when: rule.when.map(conditionFromWire),
    })),
  };
}

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
