import { selectsWorkload, targetRefsOf } from "../../../../policy/index.ts";
import type { PodInput } from "../../input/pod.ts";
import type { AuthorizationPolicyInput } from "../../input/policy.ts";
import type { ServiceInput } from "../../input/service.ts";
import type { EffectContext } from "./effect.ts";

/** Pods of gateways and waypoints, which know the ports of their listeners. */
const gatewayNameLabel = "gateway.networking.k8s.io/gateway-name";

/**
 * Ports of a policy with a selector that are those of services alone: agents judge at the pods, which listen on others.
 * Says for each what to write. Ports that no Service names are nobody's business: something may listen on them.
 */
export function portsThatPodsLack(
  policy: AuthorizationPolicyInput,
  ports: readonly string[],
  { world, facts }: EffectContext,
): readonly string[] {
  const named = new Set(ports.filter((port) => /^\d{1,5}$/.test(port)).map(Number));
  if (named.size === 0 || targetsSomething(policy)) {
    return [];
  }
  const selected = [...world.pods.values()].filter((pod) => isSelected(policy, pod, facts.rootNamespace));
  const targets = new Map<number, Set<number>>();
  for (const service of selected.length === 0 ? [] : world.services.values()) {
    const pod = selected.find((candidate) => isBehind(candidate, service));
    for (const { port, targetPort } of pod === undefined ? [] : service.ports) {
      const target = typeof targetPort === "number" ? targetPort : pod?.namedPorts[targetPort];
      if (target !== undefined) {
        targets.set(port, (targets.get(port) ?? new Set()).add(target));
      }
    }
  }
  const open = new Set([...targets.values()].flatMap((set) => [...set]));
  return [...named]
    .filter((port) => targets.has(port) && !open.has(port))
    .map((port) => `port ${port} is a service's, write that of its pods: ${[...(targets.get(port) ?? [])].join(", ")}`);
}

function targetsSomething({ resource }: AuthorizationPolicyInput): boolean {
  try {
    return targetRefsOf(resource).length > 0;
  } catch {
    return true;
  }
}

function isSelected({ resource }: AuthorizationPolicyInput, pod: PodInput, rootNamespace: string): boolean {
  try {
    return !pod.ended && !Object.hasOwn(pod.labels, gatewayNameLabel) && selectsWorkload(resource, pod, rootNamespace);
  } catch {
    // What cannot be read is told elsewhere.
    return false;
  }
}

const isBehind = ({ namespace, labels }: PodInput, service: ServiceInput): boolean =>
  service.namespace === namespace &&
  Object.keys(service.selector).length > 0 &&
  Object.entries(service.selector).every(([name, value]) => labels[name] === value);
