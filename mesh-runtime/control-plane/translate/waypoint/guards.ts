import { waypointEnforcedCondition } from "../../../api/conditions.ts";
import { evaluateL4, indexPolicies, selectPolicies } from "../../../policy/index.ts";
import type { Authorization, Match, StringMatch } from "../../../policy/model.ts";
import type { ApplicablePolicies } from "../../../policy/select.ts";
import type { Workload } from "../../../xds/model.ts";
import { condition, type WantedCondition } from "../conditions.ts";
import { infrastructureName } from "../gateway/classes.ts";
import type { ServiceInput } from "../input/service.ts";
import type { MeshFacts } from "../input/world.ts";
import { keyOfService } from "../service-address.ts";
import type { Waypoint } from "./waypoint.ts";

/** A caller that a policy could have in mind. */
interface Caller {
  readonly principal: string | undefined;
  readonly ip: string;
}

/** Callers tried for one set of policies, at most. */
const callersMax = 512;
/** Named in a message, at most. */
const namedMax = 5;

const anyIp = "192.0.2.1";

/** Judges whether destinations can be reached past their waypoint, with the engine that the agents use. */
export interface Guards {
  conditionOf(service: ServiceInput, waypoint: Waypoint, workloads: readonly Workload[]): WantedCondition;
}

/** Verdicts of former judges, for destinations under policies that did not change. */
export interface GuardMemory {
  verdicts: ReadonlyMap<string, RememberedVerdict>;
}

interface RememberedVerdict {
  readonly policies: ApplicablePolicies;
  readonly verdict: Verdict;
}

/** One judge for one state of all policies; destinations under the same policies are judged once. */
export function createGuards(
  authorizations: Iterable<Authorization>,
  facts: MeshFacts,
  memory: GuardMemory = { verdicts: new Map() },
): Guards {
  const index = indexPolicies(authorizations);
  const former = memory.verdicts;
  const verdicts = new Map<string, RememberedVerdict>();
  memory.verdicts = verdicts;
  const verdictOf = (workload: Workload, port: number, waypoint: string): Verdict => {
    const key = [workload.namespace, port, waypoint, ...workload.authorizationPolicies].join("\n");
    let found = verdicts.get(key);
    if (found === undefined) {
      const policies = selectPolicies(workload, index);
      const before = former.get(key);
      found =
        before !== undefined && isSame(before.policies, policies)
          ? before
          : { policies, verdict: judge(policies, port, waypoint) };
      verdicts.set(key, found);
    }
    return found.verdict;
  };
  return {
    conditionOf(service, { gateway }, workloads) {
      const principal = `${facts.trustDomain}/ns/${gateway.namespace}/sa/${infrastructureName(gateway)}`;
      const open: string[] = [];
      const refused: string[] = [];
      const guards = new Set<string>();
      for (const workload of workloads) {
        for (const { targetPort } of workload.services[keyOfService(service)] ?? []) {
          const place = `pod ${workload.namespace}/${workload.name} port ${targetPort}`;
          const verdict = verdictOf(workload, targetPort, principal);
          if (workload.tunnelProtocol === "NONE") {
            open.push(`${place} (not in the mesh)`);
          } else if (verdict.takes !== undefined) {
            open.push(`${place} (takes ${verdict.takes})`);
          }
          for (const guard of verdict.guards) {
            guards.add(guard);
          }
          if (!verdict.takesWaypoint) {
            refused.push(place);
          }
        }
      }
      return conditionFor(open, refused, [...guards].sort(), principal);
    },
  };
}

const isSame = (a: ApplicablePolicies, b: ApplicablePolicies): boolean =>
  a.unknown.join(" ") === b.unknown.join(" ") &&
  a.policies.length === b.policies.length &&
  a.policies.every((policy, at) => policy === b.policies[at]);

interface Verdict {
  /** Somebody besides the waypoint who gets in, in words. */
  readonly takes: string | undefined;
  readonly takesWaypoint: boolean;
  /** Policies that keep others out. */
  readonly guards: readonly string[];
}

function judge(policies: ApplicablePolicies, port: number, waypoint: string): Verdict {
  const decide = ({ principal, ip }: Caller) =>
    evaluateL4(policies, {
      ...(principal !== undefined && { sourcePrincipal: principal }),
      sourceIp: ip,
      destinationIp: anyIp,
      destinationPort: port,
    });
  const callers = callersOf(policies.policies).filter(({ principal }) => principal !== waypoint);
  const guards = new Set<string>();
  let takes: string | undefined;
  for (const caller of callers) {
    const { allowed, policy } = decide(caller);
    if (allowed) {
      takes = caller.principal === undefined ? "plain text" : shown(caller.principal);
      break;
    }
    if (policy !== undefined) {
      guards.add(policy);
    }
  }
  return { takes, takesWaypoint: decide({ principal: waypoint, ip: anyIp }).allowed, guards: [...guards] };
}

const stranger = "towpath.invalid/ns/towpath-stranger/sa/towpath-stranger";
const shown = (principal: string): string => (principal.includes("towpath-stranger") ? "any identity" : principal);

/**
 * Callers that tell policies apart: somebody without an identity, somebody whom no policy knows, and one for whatever a
 * policy names. What none of these may do, nobody may.
 */
function callersOf(policies: readonly Authorization[]): readonly Caller[] {
  const callers: Caller[] = [
    { principal: undefined, ip: anyIp },
    { principal: stranger, ip: anyIp },
  ];
  for (const { groups } of policies) {
    for (const { matches } of groups.flatMap(({ rules }) => rules)) {
      for (const match of matches) {
        const ips = [anyIp, ...(match.sourceIps ?? []).map(({ address }) => address)];
        for (const principal of [undefined, stranger, ...principalsOf(match)]) {
          callers.push(...ips.map((ip) => ({ principal, ip })));
        }
      }
    }
    if (callers.length >= callersMax) {
      break;
    }
  }
  const seen = new Set<string>();
  return callers.slice(0, callersMax).filter(({ principal = "", ip }) => {
    const id = `${principal} ${ip}`;
    return !seen.has(id) && seen.add(id);
  });
}

/** Identities that a match, also a negative one, speaks of. */
function principalsOf(match: Match): readonly string[] {
  const at = (namespace: string, name = "towpath-stranger"): string => `cluster.local/ns/${namespace}/sa/${name}`;
  return [
    ...[...(match.principals ?? []), ...(match.notPrincipals ?? [])].map((value) => sample(value)),
    ...[...(match.namespaces ?? []), ...(match.notNamespaces ?? [])].map((value) => at(sample(value))),
    ...[...(match.serviceAccounts ?? []), ...(match.notServiceAccounts ?? [])].map(({ namespace, serviceAccount }) =>
      at(namespace, serviceAccount),
    ),
  ];
}

/** A value that fits a match and is no more than that. */
function sample(match: StringMatch): string {
  switch (match.kind) {
    case "exact":
      return match.value;
    case "prefix":
      return `${match.value}towpath-stranger`;
    case "suffix":
      return `towpath-stranger${match.value}`;
    case "presence":
      return stranger;
  }
}

function conditionFor(
  open: readonly string[],
  refused: readonly string[],
  guards: readonly string[],
  waypoint: string,
): WantedCondition {
  if (open.length > 0) {
    return condition(
      waypointEnforcedCondition,
      "False",
      "Bypassable",
      `can be reached past the waypoint: ${list(open)}; add an ALLOW policy with a selector for these pods that names ${waypoint} alone`,
    );
  }
  if (refused.length > 0) {
    return condition(
      waypointEnforcedCondition,
      "True",
      "WaypointRefused",
      `nobody gets past the waypoint, but its own calls are refused at ${list(refused)}: allow ${waypoint} there`,
    );
  }
  return guards.length === 0
    ? condition(waypointEnforcedCondition, "True", "NoPods", "no pod serves the service now")
    : condition(waypointEnforcedCondition, "True", "GuardedByPolicy", `guarded by ${list(guards)}`);
}

const list = (entries: readonly string[]): string =>
  entries.length <= namedMax
    ? entries.join(", ")
    : `${entries.slice(0, namedMax).join(", ")} and ${entries.length - namedMax} more`;
