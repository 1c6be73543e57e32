import { targetRefsOf } from "../../policy/index.ts";
import { condition, type WantedCondition } from "./conditions.ts";
import { isServed } from "./gateway/classes.ts";
import { gatewayGroup } from "./input/gateway.ts";
import { fields, items, text } from "./input/lenient.ts";
import type { MeshFacts, World } from "./input/world.ts";
import type { CompiledPolicy } from "./policies.ts";

/** Conditions of an AuthorizationPolicy: `ZtunnelAccepted` by selector or namespace, `WaypointAccepted` by target. */
export function policyConditions(policy: CompiledPolicy, world: World, facts: MeshFacts): readonly WantedCondition[] {
  const { compiled, targeted } = policy;
  if ("error" in compiled) {
    const type = targeted ? "WaypointAccepted" : "ZtunnelAccepted";
    return [condition(type, "False", "Invalid", compiled.error)];
  }
  const [note] = compiled.notes;
  if (note !== undefined) {
    const status = note.accepted ? "True" : "False";
    return [condition("ZtunnelAccepted", status, note.reason, note.message)];
  }
  return targeted
    ? [targetCondition(policy, world, facts)]
    : [condition("ZtunnelAccepted", "True", "Accepted", "attached to ztunnel")];
}

interface Target {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

type Binding = { readonly bound: string } | { readonly reason: string; readonly message: string };

function targetCondition(policy: CompiledPolicy, world: World, facts: MeshFacts): WantedCondition {
  const targets = items(targetRefsOf(policy.resource))
    .map(fields)
    .map(({ group, kind, name }): Target => ({ group: text(group), kind: text(kind), name: text(name) }));
  const bindings = targets.map((target) => ({ target, binding: bind(policy, target, world, facts) }));
  const bound = bindings.flatMap(({ binding }) => ("bound" in binding ? [binding.bound] : []));
  const failed = bindings.filter(({ binding }) => "reason" in binding);
  const [first] = failed;
  if (bound.length === 0 && first !== undefined && "reason" in first.binding) {
    return condition("WaypointAccepted", "False", first.binding.reason, first.binding.message);
  }
  if ("compiled" in policy && !("error" in policy.compiled) && policy.compiled.http === undefined) {
    const action = policy.resource.spec?.action ?? "ALLOW";
    return condition("WaypointAccepted", "False", "UnsupportedValue", `the ${action} action is not supported`);
  }
  if (failed.length > 0) {
    const names = failed.map(
      ({ target }) => `${target.kind}.${target.group || "core"}:${policy.namespace}/${target.name}`,
    );
    return condition("WaypointAccepted", "True", "PartiallyInvalid", `Invalid targetRefs: ${names.join(", ")}`);
  }
  if (bound.length === 0) {
    return condition("WaypointAccepted", "False", "Invalid", "targetRefs name nothing");
  }
  return condition("WaypointAccepted", "True", "Accepted", `bound to ${[...new Set(bound)].join(",")}`);
}

function bind({ namespace }: CompiledPolicy, { group, kind, name }: Target, world: World, facts: MeshFacts): Binding {
  const key = `${namespace}/${name}`;
  const missing: Binding = { reason: "TargetNotFound", message: `${kind} ${key} was not found` };
  if (group === gatewayGroup && kind === "Gateway") {
    const gateway = world.gateways.get(key);
    return gateway !== undefined && isServed(gateway) ? { bound: key } : missing;
  }
  if (group === gatewayGroup && kind === "GatewayClass") {
    if (namespace !== facts.rootNamespace) {
      return {
        reason: "Invalid",
        message: `AuthorizationPolicy must be in the root namespace \`${facts.rootNamespace}\` when referencing a GatewayClass`,
      };
    }
    return world.gatewayClasses.has(name)
      ? { bound: name }
      : { reason: "TargetNotFound", message: `GatewayClass ${name} was not found` };
  }
  if (group === "" && kind === "Service") {
    return world.services.has(key)
      ? { reason: "AncestorNotBound", message: `Service ${key} is not bound to a waypoint` }
      : missing;
  }
  return missing;
}
