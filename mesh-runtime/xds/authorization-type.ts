import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Authorization, Group, Match, Rule } from "../policy/model.ts";
import {
  Action,
  AuthorizationSchema,
  type MatchSchema,
  type RuleSchema,
  Scope,
  type Match as WireMatch,
  type Rule as WireRule,
} from "./gen/authorization_pb.js";
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
import { decoding, MalformedResource, type ResourceType, requiredText } from "./resource-type.ts";

/**
 * Istio's layer 4 authorization, named `<namespace>/<name>`.
 *
 * On the wire an empty match never matches and a clause without matches always does (ztunnel `src/rbac.rs`); in the
 * model it is the other way round. Both directions are normalized here, so neither side can meet the other's corner.
 */
export const authorizationType: ResourceType<Authorization> = {
  typeUrl: "type.googleapis.com/istio.security.Authorization",
  name: ({ namespace, name }) => `${namespace}/${name}`,
  encode: (value) =>
    toBinary(
      AuthorizationSchema,
      create(AuthorizationSchema, {
        name: value.name,
        namespace: value.namespace,
        scope: Scope[value.scope],
        action: Action[value.action],
        dryRun: value.dryRun,
        rules: value.groups.flatMap(groupToWire),
      }),
    ),
  decode: (bytes) => decoding(() => read(bytes)),
};

/** A group with a rule that can never match is left out; a rule that always matches needs no clause. */
function groupToWire({ rules }: Group): MessageInitShape<typeof RuleSchema>[] {
  if (rules.some(({ matches }) => matches.length === 0)) {
    return [];
  }
  const clauses = rules.filter(({ matches }) => !matches.some(matchesEverything));
  return [{ clauses: clauses.map(({ matches }) => ({ matches: matches.map(matchToWire) })) }];
}

const matchesEverything = (match: Match): boolean =>
  Object.values(match).every((list: readonly unknown[] | undefined) => list === undefined || list.length === 0);

function matchToWire(match: Match): MessageInitShape<typeof MatchSchema> {
  return {
    namespaces: stringsToWire(match.namespaces),
    notNamespaces: stringsToWire(match.notNamespaces),
    principals: stringsToWire(match.principals),
    notPrincipals: stringsToWire(match.notPrincipals),
    serviceAccounts: accountsToWire(match.serviceAccounts),
    notServiceAccounts: accountsToWire(match.notServiceAccounts),
    sourceIps: cidrsToWire(match.sourceIps),
    notSourceIps: cidrsToWire(match.notSourceIps),
    destinationIps: cidrsToWire(match.destinationIps),
    notDestinationIps: cidrsToWire(match.notDestinationIps),
    destinationPorts: [...(match.destinationPorts ?? [])],
    notDestinationPorts: [...(match.notDestinationPorts ?? [])],
  };
}

function read(bytes: Uint8Array): Authorization {
  const wire = fromBinary(AuthorizationSchema, bytes);
  const scope = Scope[wire.scope] as keyof typeof Scope | undefined;
  const action = Action[wire.action] as keyof typeof Action | undefined;
  if (scope === undefined || action === undefined) {
    throw new MalformedResource("authorization: scope or action is unknown");
  }
  return {
    name: requiredText(wire.name, "name"),
    namespace: requiredText(wire.namespace, "namespace"),
    scope,
    action,
    dryRun: wire.dryRun,
    groups: wire.rules.flatMap((rule) => groupFromWire(rule, action)),
  };
}

/**
 * An empty match from a foreign control plane is read as the stricter of its two meanings: under ALLOW it never
 * matches, under DENY it always does.
 */
function groupFromWire({ clauses }: WireRule, action: Authorization["action"]): Group[] {
  const rules: Rule[] = [];
  for (const clause of clauses) {
    const matches = clause.matches.map(matchFromWire);
    const restricting = matches.filter((match) => !matchesEverything(match));
    if (matches.length === 0 || (action === "DENY" && restricting.length < matches.length)) {
      continue;
    }
    if (restricting.length === 0) {
      return [];
    }
    rules.push({ matches: restricting });
  }
  return [{ rules }];
}

function matchFromWire(wire: WireMatch): Match {
  return filled({
    namespaces: wire.namespaces.map(stringFromWire),
    notNamespaces: wire.notNamespaces.map(stringFromWire),
    principals: wire.principals.map(stringFromWire),
    notPrincipals: wire.notPrincipals.map(stringFromWire),
    serviceAccounts: wire.serviceAccounts.map(accountFromWire),
    notServiceAccounts: wire.notServiceAccounts.map(accountFromWire),
    sourceIps: wire.sourceIps.map(cidrFromWire),
    notSourceIps: wire.notSourceIps.map(cidrFromWire),
    destinationIps: wire.destinationIps.map(cidrFromWire),
    notDestinationIps: wire.notDestinationIps.map(cidrFromWire),
    destinationPorts: wire.destinationPorts.map(portFromWire),
    notDestinationPorts: wire.notDestinationPorts.map(portFromWire),
  });
}
