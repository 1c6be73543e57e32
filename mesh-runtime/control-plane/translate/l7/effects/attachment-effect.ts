import { isServed, isWaypoint } from "../../gateway/classes.ts";
import { keyOf } from "../../input/lenient.ts";
import { type AttachmentInput, isGateway, isGatewayClass, isService } from "../../input/target-refs.ts";
import { type EffectContext, type Problem, waypointProblem } from "./effect.ts";

/** What is wrong with each target of a policy. */
export function targetProblems(
  policy: AttachmentInput & { readonly namespace: string; readonly name: string },
  context: EffectContext,
): readonly Problem[] {
  return policy.targets.flatMap((target): Problem[] => {
    const key = keyOf({ namespace: policy.namespace, name: target.name });
    const missing: Problem = { reason: "TargetNotFound", message: `${target.kind} ${key} was not found` };
    if (isService(target)) {
      if (!context.world.services.has(key)) {
        return [missing];
      }
      const bound = context.binding(key);
      return bound === undefined || bound.refusal !== undefined ? [waypointProblem(key, context)] : [];
    }
    if (isGateway(target)) {
      const gateway = context.world.gateways.get(key);
      return gateway !== undefined && isServed(gateway) ? [] : [missing];
    }
    if (isGatewayClass(target)) {
      const { rootNamespace } = context.facts;
      if (policy.namespace !== rootNamespace) {
        return [
          { reason: "WrongNamespace", message: `a GatewayClass is targeted from namespace ${rootNamespace} only` },
        ];
      }
      return context.world.gatewayClasses.has(target.name)
        ? []
        : [{ reason: "TargetNotFound", message: `GatewayClass ${target.name} was not found` }];
    }
    return [
      { reason: "UnsupportedField", message: `targets of kind ${target.group}/${target.kind} are not served here` },
    ];
  });
}

/** Why a policy acts nowhere. */
export function whyNowhere(
  policy: AttachmentInput & { readonly namespace: string; readonly name: string },
  context: EffectContext,
): Problem {
  const [problem] = targetProblems(policy, context);
  if (problem !== undefined) {
    return problem;
  }
  if (policy.targets.length > 0) {
    const waypoints = policy.targets.some((target) => {
      const gateway = context.world.gateways.get(keyOf({ namespace: policy.namespace, name: target.name }));
      return isGateway(target) && gateway !== undefined && isWaypoint(gateway);
    });
    return {
      reason: "NoWaypoint",
      message: waypoints
        ? "no service goes through the waypoint; label services or namespaces istio.io/use-waypoint"
        : "its targets serve nothing yet",
    };
  }
  return {
    reason: "NoWaypoint",
    message:
      "without targetRefs it acts on ingress gateways only, never at waypoints: name a Service or Gateway in targetRefs",
  };
}
