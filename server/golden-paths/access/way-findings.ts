/** Ways to a service's pods that its rules do not see, and rules that shut out the way they need. Pure. */

import type { Finding } from "@/server/contracts/golden-paths.ts";
import { type Inventory, type InventoryService, identitiesOf } from "@/server/inventory/model.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { surroundingsOf } from "../surroundings.ts";
import { ingressUseWaypointLabel, labelsOfService } from "../waypoint/named-waypoint.ts";
import type { Caller, Outcome } from "./outcome.ts";
import { sampleOf } from "./sample-request.ts";

const stranger: NonNullable<Caller> = { namespace: "towpath-stranger", serviceAccount: "towpath-stranger" };

const placeOf = (policy: string | undefined): string => (policy === undefined ? "" : `AuthorizationPolicy ${policy}`);

/** The waypoint itself is refused at the pods: nobody would get in. */
export function waypointCutOff(service: InventoryService, outcome: Outcome): Finding[] {
  const waypoint = outcome.waypointOf(service);
  const [pod] = service.pods;
  if (waypoint === undefined || pod === undefined) {
    return [];
  }
  const caller = { namespace: waypoint.namespace, serviceAccount: waypoint.name };
  const refused = service.ports
    .map(({ targetPort }) => outcome.connection(pod, caller, targetPort))
    .find(({ allowed }) => !allowed);
  if (refused === undefined) {
    return [];
  }
  const place = placeOf(refused.policy);
  const by = place === "" ? "a policy" : place;
  const message = `${by} refuses the waypoint at the pods of ${service.name}: nobody would get in. Let ${waypoint.namespace}/${waypoint.name} through there, or remove it.`;
  return [finding("error", "waypoint-cut-off", "service", message, { place })];
}

/** Who would reach the pods without the waypoint, though rules depend on what requests say. */
export function waypointBypassed(service: InventoryService, outcome: Outcome, context: PathContext): Finding[] {
  const waypoint = outcome.waypointOf(service);
  const [pod] = service.pods;
  if (waypoint === undefined || pod === undefined) {
    return [];
  }
  const identities = identitiesOf(context.inventory).filter(
    (one) => one.namespace !== waypoint.namespace || one.serviceAccount !== waypoint.name,
  );
  const callers: { title: string; caller: Caller }[] = [
    { title: "plain text", caller: undefined },
    { title: "any identity", caller: stranger },
    ...identities.map((caller) => ({ title: `${caller.namespace}/${caller.serviceAccount}`, caller })),
  ];
  for (const { targetPort } of service.ports) {
    for (const { title, caller } of callers) {
      const decision = outcome.connection(pod, caller, targetPort);
      if (decision.allowed) {
        const place = placeOf(decision.policy);
        const message = `${place === "" ? "Nothing" : place} ${place === "" ? "keeps" : "lets"} ${title} ${place === "" ? "from" : "reach"} the pods of ${service.name} past the waypoint, where this rule is not read. ${place === "" ? "" : "Remove it, or let the caller in by Towpath."}`;
        return [finding("warning", "waypoint-bypassable", "service", message.trim(), { place })];
      }
    }
  }
  return [];
}

/** Other Services of the same pods, by name; those that the rule is written for are none. */
function siblingsOf(service: InventoryService, { inventory, current }: PathContext): InventoryService[] {
  const versions = new Set(
    surroundingsOf(current, inventory)
      .versionServicesOf(service)
      .map(({ name }) => name),
  );
  return inventory.services.filter(
    (other) =>
      other.kind === "service" &&
      other.namespace === service.namespace &&
      other.name !== service.name &&
      !versions.has(other.name) &&
      other.pods.some((pod) => service.pods.includes(pod)),
  );
}

/** A Service of the same pods at which somebody gets in whom the rule refuses. */
export function siblingFindings(
  service: InventoryService,
  outcome: Outcome,
  context: PathContext,
  refused: Caller = stranger,
): Finding[] {
  const port = service.ports[0]?.port ?? 0;
  if (outcome.request(service, refused, port, sampleOf(undefined, []), "none").allowed) {
    return [];
  }
  return siblingsOf(service, context).flatMap((other) => {
    const otherPort = other.ports[0]?.port ?? 0;
    if (!outcome.request(other, refused, otherPort, sampleOf(undefined, []), "none").allowed) {
      return [];
    }
    const message = `${other.name} leads to the same pods and has no such rule: who is refused here gets in there. Make the same rule for ${other.name}.`;
    const path = {
      slug: "lock-down" as const,
      title: `Lock down ${service.namespace}`,
      reason: "So that no rule means no access",
      values: { scope: "namespaces", namespaces: [service.namespace], locked: true, keepGatewaysOpen: true },
    };
    const place = `Service ${other.namespace}/${other.name}`;
    return [finding("warning", "waypoint-bypassable", "service", message, { place, path })];
  });
}

/** Gateways that go to the pods without the waypoint. */
export function gatewayFindings(service: InventoryService, outcome: Outcome, context: PathContext): Finding[] {
  if (outcome.waypointOf(service) === undefined) {
    return [];
  }
  const { inventory } = context;
  const label = labelsOfService(inventory, service)[ingressUseWaypointLabel];
  const said =
    label === undefined || label === "true"
      ? []
      : [
          finding(
            "warning",
            "gateway-bypasses-waypoint",
            "service",
            `${service.name} is labelled by hand so that gateways pass its waypoint by. Towpath changes that: the rule holds for calls from outside too.`,
            { place: `Service ${service.namespace}/${service.name}` },
          ),
        ];
  const past = siblingsOf(service, context).flatMap((other) => {
    const routes = routesFromGateways(other, inventory);
    if (routes.length === 0 || labelsOfService(inventory, other)[ingressUseWaypointLabel] === "true") {
      return [];
    }
    const message = `A gateway sends requests to the pods of ${service.name} by the service ${other.name}, past the waypoint: they would be refused. Route to ${service.name} instead.`;
    return [finding("warning", "gateway-bypasses-waypoint", "service", message, { place: routes[0] ?? "" })];
  });
  return [...said, ...past];
}

const routesFromGateways = ({ namespace, name }: InventoryService, { routing }: Inventory): string[] =>
  routing
    .filter(({ gateways, backends }) => gateways.length > 0 && backends.includes(`${namespace}/${name}`))
    .map(({ resource }) => `${resource.kind} ${resource.namespace}/${resource.name}`);

/**
 * Kubelets probe pods past the mesh. A probe that names a host goes the way of any call, in plain text and without an
 * identity: a rule that names callers refuses it, and the pod that asks is taken for ill.
 */
export function probeFindings(service: InventoryService, outcome: Outcome, { inventory }: PathContext): Finding[] {
  const hosts = new Set(
    ["", `.${service.namespace}`, `.${service.namespace}.svc`, `.${service.namespace}.svc.cluster.local`].map(
      (rest) => `${service.name}${rest}`,
    ),
  );
  const [pod] = service.pods;
  if (
    pod === undefined ||
    service.ports.every(({ targetPort }) => outcome.connection(pod, undefined, targetPort).allowed)
  ) {
    return [];
  }
  const asking = inventory.objects.pods.filter(({ metadata, spec }) =>
    (spec?.containers ?? []).some((container) =>
      [container.livenessProbe, container.readinessProbe, container.startupProbe].some((probe) => {
        const host = probe?.httpGet?.host ?? probe?.tcpSocket?.host ?? "";
        return hosts.has(host) && (host.includes(".") || metadata?.namespace === service.namespace);
      }),
    ),
  );
  if (asking.length === 0) {
    return [];
  }
  const names = asking.map(({ metadata }) => `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`);
  const message = `${listNames(names, 3)} ${names.length === 1 ? "is" : "are"} probed by way of ${service.name}, without an identity: those probes would be refused and the pods taken for ill. Let the probe ask the pod itself.`;
  return [finding("warning", "probe-cut-off", "service", message, { place: `Pod ${names[0] ?? ""}` })];
}
