/** Copies come with the waypoint's identity, straight to the pods of their target. Pure. */
import { simulate } from "@/mesh-runtime/policy/index.ts";
import type { MirrorTrafficForm } from "@/server/contracts/golden-paths/resilience.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService } from "@/server/inventory/model.ts";
import type { IntentSet } from "../intent.ts";
import { finding, type PathContext } from "../path.ts";
import { offer } from "../service-routes/service-plan.ts";
import { surroundingsOf } from "../surroundings.ts";

/** Policies of the target that would refuse the waypoint of the copied service. */
export function refusesCopies(
  { service, to }: MirrorTrafficForm,
  next: IntentSet,
  { inventory }: PathContext,
): Finding[] {
  const waypoint = surroundingsOf(next, inventory).waypointOf(service);
  const target = to.kind === "service" ? findService(inventory, to.service) : undefined;
  const pod = target?.pods.find(({ captured }) => captured);
  if (to.kind !== "service" || waypoint === undefined || target === undefined || pod === undefined) {
    return [];
  }
  const { authorizationPolicies, peerAuthentications } = inventory;
  const targetPort = target.ports.find(({ port }) => port === to.port)?.targetPort ?? to.port;
  const decision = simulate({ authorizationPolicies, peerAuthentications }).connection(pod, {
    sourcePrincipal: `cluster.local/ns/${waypoint.namespace}/sa/${waypoint.name}`,
    sourceIp: "0.0.0.0",
    destinationIp: pod.ip || "0.0.0.0",
    destinationPort: targetPort,
  });
  if (decision.allowed) {
    return [];
  }
  const message = `Copies come from the waypoint of ${service.name}, which ${target.name} does not let in: they would all be refused, and nobody would hear of it.`;
  const path = offer(
    "let-a-caller-in",
    `Let the waypoint of ${service.name} call ${target.name}`,
    "So that copies arrive",
    {
      service: to.service,
      callers: [{ kind: "identity", namespace: waypoint.namespace, serviceAccount: waypoint.name }],
      ports: [to.port],
      allowed: true,
    },
  );
  return [finding("warning", "waypoint-cut-off", "to.service", message, { path })];
}
