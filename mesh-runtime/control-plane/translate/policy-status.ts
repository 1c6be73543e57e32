import { targetRefsOf } from "../../policy/index.ts";
import { condition, type WantedCondition } from "./conditions.ts";
import { gatewayGroup } from "./input/gateway.ts";
import { fields, items, text } from "./input/lenient.ts";
import type { MeshFacts, World } from "./input/world.ts";
import type { CompiledPolicy } from "./policies.ts";
import type { Binding } from "./waypoint/binding.ts";
import type { Bindings } from "./waypoint/bindings.ts";

/** What the binding of a policy's targets is read from. */
export interface PolicySurroundings {
  readonly world: World;
  readonly facts: MeshFacts;
  readonly bindings: Bindings;
  /** Whether a Gateway serves, or has served before, by store key. */
  isServing(gateway: string): boolean;
}

/** Conditions of an AuthorizationPolicy: `ZtunnelAccepted` by selector or namespace, `WaypointAccepted` by target. */
export function policyConditions(policy: CompiledPolicy, around: PolicySurroundings): readonly WantedCondition[] {
  const { compiled, targeted } = policy;
  if ("error" in compiled) {
    const type = targeted ? "WaypointAccepted" : "ZtunnelAccepted";
    return [condition(type, "False", "Invalid", compiled.error)];
  }
  const [note] = compiled.notes;
  const noted =
    note === undefined
      ? []
      : [condition("ZtunnelAccepted", note.accepted ? "True" : "False", note.reason, note.message)];
  if (targeted) {
    return [...noted, targetCondition(policy, around)];
  }
  return note === undefined ? [condition("ZtunnelAccepted", "True", "Accepted", "attached to ztunnel")] : noted;
}

interface Target {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

type Bound = { readonly bound: string } | { readonly reason: string; readonly message: string };

/** One condition for all targets, as istiod flattens them: any that is bound makes it true. */
function targetCondition(policy: CompiledPolicy, around: PolicySurroundings): WantedCondition {
  const targets = items(targetRefsOf(policy.resource))
    .map(fields)
    .map(({ group, kind, name }): Target => ({ group: text(group), kind: text(kind), name: text(name) }));
  const bindings = targets.map((target) => bind(policy, target, around));
  const [only] = bindings;
  if (bindings.length === 1 && only !== undefined && "reason" in only) {
    return condition("WaypointAccepted", "False", only.reason, only.message);
  }
  const bound = bindings.flatMap((binding) => ("bound" in binding ? [binding.bound] : []));
  const failed = targets
    .filter((_, index) => "reason" in (bindings[index] ?? {}))
    .map(({ kind, group, name }) => `${kind}.${group || "core"}:${policy.namespace}/${name}`);
  if (bound.length === 0) {
    return condition("WaypointAccepted", "False", "Invalid", `Invalid targetRefs: ${failed.join(", ")}`);
  }
  return failed.length > 0
    ? condition("WaypointAccepted", "True", "PartiallyInvalid", `Invalid targetRefs: ${failed.join(", ")}`)
    : condition("WaypointAccepted", "True", "Accepted", `bound to ${[...new Set(bound)].join(",")}`);
}

function bind({ namespace }: CompiledPolicy, target: Target, around: PolicySurroundings): Bound {
  const { world, bindings } = around;
  const key = `${namespace}/${target.name}`;
  switch (`${target.group}/${target.kind}`) {
    case `${gatewayGroup}/Gateway`:
      return around.isServing(key) ? { bound: key } : { reason: "TargetNotFound", message: "not bound" };
    case `${gatewayGroup}/GatewayClass`:
      return bindClass(target.name, namespace, around);
    case "/Service":
      return bindThrough("Service", key, world.services.has(key), bindings.ofService(key));
    case "networking.istio.io/ServiceEntry":
      return bindThrough("ServiceEntry", key, world.serviceEntries.has(key), bindings.ofServiceEntry(key));
    default:
      return { reason: "TargetNotFound", message: `${target.kind} ${key} was not found` };
  }
}

const classController = "istio.io/mesh-controller";

function bindClass(name: string, namespace: string, { world, facts }: PolicySurroundings): Bound {
  if (namespace !== facts.rootNamespace) {
    return {
      reason: "Invalid",
      message: `AuthorizationPolicy must be in the root namespace \`${facts.rootNamespace}\` when referencing a GatewayClass`,
    };
  }
  const found = world.gatewayClasses.get(name);
  if (found === undefined) {
    return { reason: "TargetNotFound", message: "not bound" };
  }
  return found.controllerName === classController
    ? { bound: name }
    : { reason: "Invalid", message: `GatewayClass must use controller name \`${classController}\` for waypoints` };
}

function bindThrough(kind: string, key: string, exists: boolean, binding: Binding | undefined): Bound {
  if (!exists) {
    return { reason: "TargetNotFound", message: `${kind} ${key} was not found` };
  }
  return binding !== undefined && binding.refusal === undefined
    ? { bound: binding.named }
    : { reason: "AncestorNotBound", message: `${kind} ${key} is not bound to a waypoint` };
}
