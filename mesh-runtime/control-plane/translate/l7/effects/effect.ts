import { effectiveCondition } from "../../../../api/conditions.ts";
import type { ProxyConfig } from "../../../../xds/proxy-config.ts";
import { condition, type WantedCondition } from "../../conditions.ts";
import type { MeshFacts, World } from "../../input/world.ts";

/** What the effect of an object is read from: what proxies are really sent, and what stands in the way. */
export interface EffectContext {
  readonly world: World;
  readonly facts: MeshFacts;
  /** Configurations of all gateways and waypoints. */
  readonly proxies: readonly ProxyConfig[];
  /** The waypoint that a Service names, by its store key, and why calls do not go through it. */
  binding(
    service: string,
  ): { readonly named: string; readonly refusal: { readonly message: string } | undefined } | undefined;
  /** Why the key set at a URL could not be fetched. */
  keyProblem(url: string): string | undefined;
}

/** Why an object does not do, or not wholly do, what it asks for. */
export interface Problem {
  readonly reason:
    | "NoWaypoint"
    | "HostNotFound"
    | "SubsetNotFound"
    | "TargetNotFound"
    | "WrongNamespace"
    | "NotExported"
    | "Overridden"
    | "ParentOfSplit"
    | "NotUsed"
    | "RouteConflict"
    | "NotHttp"
    | "JwksUnavailable"
    | "UnknownProvider"
    | "NeedsOutlierDetection"
    | "UnsupportedField"
    | "ValueNeverMatches"
    | "UnknownValue"
    | "Invalid";
  readonly message: string;
}

/** The condition for an object that acts. */
export const effective = (message: string, reason = "Effective"): WantedCondition =>
  condition(effectiveCondition, "True", reason, limited(message));

/** The condition for an object that does not act as written. */
export const ineffective = ({ reason, message }: Problem): WantedCondition =>
  condition(effectiveCondition, "False", reason, limited(message));

const messageMax = 1_024;
const limited = (message: string): string =>
  message.length <= messageMax ? message : `${message.slice(0, messageMax - 1)}…`;

const namesMax = 5;

/** Names for a message; many are counted. */
export function listed(names: Iterable<string>): string {
  const all = [...new Set(names)];
  const more = all.length - namesMax;
  return more > 0 ? `${all.slice(0, namesMax).join(", ")} and ${more} more` : all.join(", ");
}

/** What to say of fields that are passed over. */
export const unsupportedFields = (paths: readonly string[]): string => `not supported here: ${listed(paths)}`;

/** What to do when calls to a Service do not go through a waypoint. */
export function waypointProblem(service: string, { binding }: Pick<EffectContext, "binding">): Problem {
  const bound = binding(service);
  const message =
    bound === undefined
      ? `service ${service} has no waypoint; label it or its namespace istio.io/use-waypoint`
      : (bound.refusal?.message ?? `waypoint ${bound.named} does not serve service ${service} yet`);
  return { reason: "NoWaypoint", message };
}

/** `<kind> <namespace>/<name>` of a proxy. */
export const proxyName = ({ kind, namespace, name }: ProxyConfig): string => `${kind} ${namespace}/${name}`;
