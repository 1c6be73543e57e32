import { CheckList } from "./check-list.ts";
import { decide, type PreparedPolicies, preparePolicies } from "./decide.ts";
import { type IpBytes, parseIp } from "./ip-address.ts";
import type { Action, Authorization, ConnectionAttributes, Decision, Match } from "./model.ts";
import type { Alternative, PreparedPolicy } from "./prepared-policy.ts";
import { type PrincipalParts, parsePrincipal } from "./principal.ts";
import type { ApplicablePolicies } from "./select.ts";

interface Connection {
  readonly principal: string | undefined;
  readonly parts: PrincipalParts | undefined;
  readonly sourceIp: IpBytes | undefined;
  readonly destinationIp: IpBytes | undefined;
  readonly destinationPort: number;
}

/**
 * Decides about a connection, as ztunnel does (`src/rbac.rs`, `src/state.rs` assert_rbac), except that a policy which is
 * named but not known refuses instead of being skipped. Policies in dry run are not enforced.
 *
 * Plain text carries no principal: positive matches of principal, namespace and service account never hold, negative
 * ones always do.
 */
export function evaluateL4(applicable: ApplicablePolicies, attributes: ConnectionAttributes): Decision {
  let set = preparedSets.get(applicable);
  if (set === undefined) {
    const { policies, unknown } = applicable;
    set = preparePolicies(policies.filter((policy) => !policy.dryRun).map(prepared), unknown);
    preparedSets.set(applicable, set);
  }
  return decide(set, connectionOf(attributes));
}

/** Agents ask for the same workload again and again. */
const preparedSets = new WeakMap<ApplicablePolicies, PreparedPolicies<Connection>>();

const preparedPolicies = new WeakMap<Authorization, PreparedPolicy<Connection>>();

function prepared(policy: Authorization): PreparedPolicy<Connection> {
  let entry = preparedPolicies.get(policy);
  if (entry === undefined) {
    entry = {
      key: `${policy.namespace}/${policy.name}`,
      action: policy.action,
      rules: policy.groups.map(({ rules }) =>
        rules
          // ztunnel reads a clause without matches as true, which is right for DENY; ALLOW stays closed.
          .filter(({ matches }) => matches.length > 0 || policy.action === "ALLOW")
          .map(({ matches }) => matches.map((match) => alternative(match, policy.action))),
      ),
    };
    preparedPolicies.set(policy, entry);
  }
  return entry;
}

function alternative(match: Match, action: Action): Alternative<Connection> {
  const checks = new CheckList<Connection>(action);
  checks.strings("source.principal", match.principals, match.notPrincipals, (at) => at.principal);
  checks.serviceAccounts(match.serviceAccounts, match.notServiceAccounts, (at) => at.parts);
  checks.strings("source.namespace", match.namespaces, match.notNamespaces, (at) => at.parts?.namespace);
  checks.ranges("source.ip", match.sourceIps, match.notSourceIps, (at) => at.sourceIp);
  checks.ranges("destination.ip", match.destinationIps, match.notDestinationIps, (at) => at.destinationIp);
  checks.numbers("destination.port", match.destinationPorts, match.notDestinationPorts, (at) => at.destinationPort);
  return checks.alternative;
}

const connectionOf = (attributes: ConnectionAttributes): Connection => ({
  principal: attributes.sourcePrincipal,
  parts: attributes.sourcePrincipal === undefined ? undefined : parsePrincipal(attributes.sourcePrincipal),
  sourceIp: parseIp(attributes.sourceIp),
  destinationIp: parseIp(attributes.destinationIp),
  destinationPort: attributes.destinationPort,
});
