/**
 * In which order a change is written, so that no moment in between cuts anybody off or lets anybody in
 * (`resources.md` §15). Pure.
 */
import type { ResourceRef } from "@/server/contracts/names.ts";
import { canonical, type Rendered, resourceKey, sameResource } from "@/server/golden-paths/resource.ts";
import { useWaypointLabel } from "@/server/golden-paths/waypoint/named-waypoint.ts";
import { rootNamespace, waypointClass } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { onlyForgets } from "./forgotten-authorizers.ts";

/** Phases in the order in which they are written. */
export const phases = [
  /** Deny-alls that go. */
  "lift",
  /** Gateways that come or get listeners; then they must be programmed. */
  "gateways",
  /** What opens, what others refer to, and what acts only once it is bound. */
  "open",
  /** Routes and how calls are made. */
  "routes",
  /** Labels that lead calls through a waypoint, or past it again; then every agent must have heard. */
  "bind",
  /** What closes. */
  "close",
  /** What is no longer needed. */
  "remove",
  /** Deny-alls that come, then those that go while others come. */
  "lock",
  /** Gateways and listeners that go. */
  "dismantle",
] as const;
export type Phase = (typeof phases)[number];

/** An object before and after; `undefined` means absent. */
export interface Step {
  readonly ref: ResourceRef;
  readonly before: Rendered | undefined;
  readonly after: Rendered | undefined;
}

type PolicySpec = {
  readonly action?: string;
  readonly rules?: readonly unknown[];
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly targetRefs?: readonly unknown[];
};
const specOf = (resource: Rendered | undefined): PolicySpec => (resource?.spec ?? {}) as PolicySpec;
const actionOf = (resource: Rendered | undefined): string => specOf(resource).action ?? "ALLOW";

/** Nobody is let in: an ALLOW without rules. */
const deniesAll = (resource: Rendered | undefined): boolean =>
  resource?.kind === "AuthorizationPolicy" &&
  actionOf(resource) === "ALLOW" &&
  (specOf(resource).rules ?? []).length === 0;

/** It keeps one service closed: it moves with what speaks of that service, not with locks. */
const closesService = (resource: Rendered | undefined): boolean =>
  deniesAll(resource) &&
  (specOf(resource).selector !== undefined ||
    (specOf(resource).targetRefs ?? []).some((target) => (target as { readonly kind?: string }).kind === "Service"));

const atWaypoint = (resource: Rendered | undefined): boolean => specOf(resource).targetRefs !== undefined;
const waypointLabelOf = (resource: Rendered | undefined): string | undefined =>
  resource?.metadata.labels?.[useWaypointLabel];

/** Namespaces whose services get a waypoint by this change, and those that lose it. */
function bindings(steps: readonly Step[]): {
  readonly gained: ReadonlySet<string>;
  readonly lost: ReadonlySet<string>;
} {
  const gained = new Set<string>();
  const lost = new Set<string>();
  for (const { ref, before, after } of steps) {
    if (ref.kind === "Namespace" || ref.kind === "Service") {
      const namespace = ref.kind === "Namespace" ? ref.name : ref.namespace;
      const [had, has] = [waypointLabelOf(before), waypointLabelOf(after)];
      if (had === undefined && has !== undefined) {
        gained.add(namespace);
      } else if (had !== undefined && has === undefined) {
        lost.add(namespace);
      }
    }
  }
  return { gained, lost };
}

/** Whether calls go other ways after the step: agents must have heard before the old way is closed. */
export const movesCalls = ({ ref, before, after }: Step): boolean =>
  (ref.kind === "Namespace" || ref.kind === "Service") && !sameResource(before, after);

const routeKinds: ReadonlySet<string> = new Set(["HTTPRoute", "VirtualService", "DestinationRule", "RateLimitPolicy"]);

/** Within a phase: what is referred to before what refers; the other way round where things go. */
const kindOrder = [
  "Namespace",
  "ConfigMap",
  "Service",
  "Gateway",
  "Deployment",
  "RequestAuthentication",
  "PeerAuthentication",
  "DestinationRule",
  "RateLimitPolicy",
  "HTTPRoute",
  "VirtualService",
  "AuthorizationPolicy",
  // After who may call it: at a waypoint that is ready it would be open for all without.
  "ServiceEntry",
];
const kindRank = (step: Step): number => {
  const { kind } = step.ref;
  const rank = kindOrder.includes(kind) ? kindOrder.indexOf(kind) : kindOrder.length;
  const policies = kindOrder.indexOf("AuthorizationPolicy");
  if (kind === "Service" && step.before === undefined) {
    // A Service of one version is guarded from its first moment, and as long as it is there.
    return policies + 0.5;
  }
  return kind === "AuthorizationPolicy" && targetsMove(step) === "fewer" ? -1 : rank;
};

/** Whether a policy is for more or for fewer than before, and says the same of them. */
function targetsMove({ before, after }: Step): "more" | "fewer" | undefined {
  if (before === undefined || after === undefined || sameResource(before, after)) {
    return undefined;
  }
  const former = targetsIn(before);
  const next = targetsIn(after);
  const sameRules =
    canonical({ ...specOf(before), targetRefs: [] }) === canonical({ ...specOf(after), targetRefs: [] });
  if (!sameRules || former.length === 0 || next.length === 0) {
    return undefined;
  }
  const holds = (all: readonly string[], some: readonly string[]): boolean => some.every((one) => all.includes(one));
  return holds(next, former) ? "more" : holds(former, next) ? "fewer" : undefined;
}

const targetsIn = (resource: Rendered): string[] => (specOf(resource).targetRefs ?? []).map((ref) => canonical(ref));

/** The phase of each step, in the order of writing. */
export function orderSteps<S extends Step>(
  steps: readonly S[],
  { authorizationPolicies }: Pick<Inventory, "authorizationPolicies">,
): (S & { readonly phase: Phase })[] {
  const { gained, lost } = bindings(steps);
  const locks = steps.some(
    ({ before, after }) => deniesAll(after) && !closesService(after) && !sameResource(before, after),
  );
  const closedPods = (policy: Rendered): boolean =>
    authorizationPolicies.some(
      (other) =>
        (other.spec?.action ?? "ALLOW") === "ALLOW" &&
        other.spec?.targetRefs === undefined &&
        !(other.metadata.name === policy.metadata.name && other.metadata.namespace === policy.metadata.namespace) &&
        [rootNamespace, policy.metadata.namespace].includes(other.metadata.namespace ?? "") &&
        Object.entries(other.spec?.selector?.matchLabels ?? {}).every(
          ([name, value]) => specOf(policy).selector?.matchLabels?.[name] === value,
        ),
    );

  const authorizationPhase = ({ ref, before, after }: Step): Phase => {
    if (after === undefined) {
      // At a waypoint that is left it still holds until nobody is sent there any more.
      const stays = atWaypoint(before) && lost.has(ref.namespace);
      return deniesAll(before) && !closesService(before) && !stays ? (locks ? "lock" : "lift") : "remove";
    }
    const targets = targetsMove({ ref, before, after });
    if (targets !== undefined) {
      return targets === "more" ? "open" : "remove";
    }
    // Nobody is sent there yet: it holds from the first call on.
    if (atWaypoint(after) && gained.has(ref.namespace)) {
      return "open";
    }
    if (deniesAll(after)) {
      // Before what kept others out until now goes: there is no moment without either.
      return closesService(after) ? "close" : "lock";
    }
    if (actionOf(after) !== "ALLOW") {
      // A block that shuts all but some out lets the waypoint through before calls come that way.
      return before !== undefined && gained.has(ref.namespace) ? "open" : "close";
    }
    // The first ALLOW of pods that were open refuses all others: when calls have found their new way.
    const first = before === undefined && !atWaypoint(after) && !closedPods(after);
    return first && (gained.size > 0 || steps.some(movesCalls)) ? "close" : "open";
  };

  const phaseOf = (step: Step): Phase => {
    const { ref, before, after } = step;
    switch (ref.kind) {
      case "AuthorizationPolicy":
        return authorizationPhase(step);
      case "Gateway":
        return after === undefined || losesListeners(before, after) ? "dismantle" : "gateways";
      case "Namespace":
        return "bind";
      case "Service":
        return after === undefined ? "remove" : movesExisting(step) ? "bind" : "open";
      case "ConfigMap":
        return onlyForgets(before, after) ? "remove" : "open";
      case "PeerAuthentication":
        return after !== undefined && modeOf(after) === "STRICT" ? "close" : "open";
      default:
        return after === undefined ? "remove" : routeKinds.has(ref.kind) ? "routes" : "open";
    }
  };

  return steps
    .map((step) => ({ ...step, phase: phaseOf(step) }))
    .toSorted((one, other) => {
      const byPhase = phases.indexOf(one.phase) - phases.indexOf(other.phase);
      const goes = one.phase === "remove" || one.phase === "dismantle";
      const byKind = (kindRank(one) - kindRank(other)) * (goes ? -1 : 1);
      return byPhase || byGoing(one, other) || byKind || byAction(one, other) || (keyOf(one) < keyOf(other) ? -1 : 1);
    });
}

const keyOf = ({ ref }: Step): string => resourceKey(ref);
/** Among locks: those that come before those that go. */
const byGoing = (one: Step & { phase: Phase }, other: Step & { phase: Phase }): number =>
  one.phase === "lock" ? Number(one.after === undefined) - Number(other.after === undefined) : 0;
/** ALLOWs come before what refuses; refusals go before ALLOWs. */
const refuses = ({ before, after }: Step): number =>
  deniesAll(after ?? before) || actionOf(after ?? before) !== "ALLOW" ? 1 : 0;
const byAction = (one: Step, other: Step): number => {
  const sign = one.after === undefined && other.after === undefined ? -1 : 1;
  return (refuses(one) - refuses(other)) * sign;
};

/** A Service that was there and stays: its labels lead calls. */
const movesExisting = ({ before }: Step): boolean => before !== undefined;

const modeOf = ({ spec }: Rendered): string | undefined =>
  (spec as { mtls?: { mode?: string } } | undefined)?.mtls?.mode;

const listenersOf = (resource: Rendered | undefined): readonly unknown[] =>
  (resource?.spec as { listeners?: readonly unknown[] } | undefined)?.listeners ?? [];
const losesListeners = (before: Rendered | undefined, after: Rendered): boolean =>
  listenersOf(after).length < listenersOf(before).length;

/** Gateways whose readiness the rest of a change stands on: waypoints; others may lack an address for ever. */
export const mustBeProgrammed = ({ ref, after }: Step): boolean =>
  ref.kind === "Gateway" &&
  (after?.spec as { gatewayClassName?: string } | undefined)?.gatewayClassName === waypointClass;
