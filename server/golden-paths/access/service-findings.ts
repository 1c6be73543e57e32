/** What there is to say about the service that an access rule is about, and its ports. Pure. */
import type { Finding } from "@/server/contracts/golden-paths.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { findService, type Inventory, type InventoryService } from "@/server/inventory/model.ts";
import { count, finding, listNames } from "../path.ts";
import { httpPortsOf } from "../service-routes/http-ports.ts";

/** A service that does not exist: nothing else can be said then. */
export function unknownService(ref: ServiceRef, inventory: Inventory): Finding[] {
  if (findService(inventory, ref) !== undefined) {
    return [];
  }
  const message = `There is no service ${ref.name} in namespace ${ref.namespace}. Choose one from the list.`;
  return [finding("error", "unknown-service", "service", message)];
}

/** Ports that the service does not have, or that no pod opens. */
export function portFindings(service: InventoryService, ports: readonly number[]): Finding[] {
  return ports.flatMap((port, index) => {
    const field = `ports.${index}`;
    const known = service.ports.find((candidate) => candidate.port === port);
    if (known === undefined) {
      const offered = listNames(service.ports.map((one) => String(one.port)));
      const message = `${service.name} has no port ${port}. It offers ${offered}.`;
      const [only] = service.ports;
      const repair = only === undefined ? null : { title: `Use ${only.port}`, values: { ports: [only.port] } };
      return [finding("error", "unknown-port", field, message, { repair })];
    }
    const open = service.pods.some((pod) => pod.ports.some((one) => one.port === known.targetPort));
    if (service.pods.length === 0 || open) {
      return [];
    }
    const message = `No pod of ${service.name} opens port ${known.targetPort}, where port ${port} leads.`;
    return [finding("warning", "port-not-open", field, message)];
  });
}

/** A rule about requests at a port where none can be read. */
export function unreadablePorts(service: InventoryService, ports: readonly number[], inventory: Inventory): Finding[] {
  const readable = httpPortsOf(inventory, service);
  return ports.flatMap((port, index) => {
    if (readable.includes(port) || service.ports.every((one) => one.port !== port)) {
      return [];
    }
    const message = `Port ${port} of ${service.name} does not speak HTTP: a rule about requests can let nobody in there.`;
    const left = ports.filter((one) => readable.includes(one));
    const repair = left.length === 0 ? null : { title: `Leave ${port} away`, values: { ports: left } };
    return [finding("error", "rule-without-effect", `ports.${index}`, message, { repair })];
  });
}

/** The rule would not be enforced, or nowhere yet. */
export function enrolmentFindings(service: InventoryService): Finding[] {
  if (service.pods.length === 0) {
    return [finding("warning", "no-pods", "service", `${service.name} has no running pods: the rule waits for them.`)];
  }
  const { captured, pods } = service.enrolment;
  if (service.kind !== "service" || captured === pods) {
    return [];
  }
  const message =
    captured === 0
      ? `${service.name} is not in the mesh: the rule would not be enforced, everybody may call it.`
      : `${count(pods - captured, "pod")} of ${service.name} ${pods - captured === 1 ? "is" : "are"} not in the mesh: the rule is not enforced there.`;
  return [finding("warning", "service-not-enrolled", "service", message, enrol(service.namespace))];
}

/** The path that brings a namespace into the mesh. */
export const enrol = (namespace: string): { path: NonNullable<Finding["path"]> } => ({
  path: {
    slug: "join-the-mesh",
    title: `Enrol ${namespace}`,
    reason: "Identity is proven inside the mesh only",
    values: { namespaces: [namespace], enrolled: true },
  },
});

/** An end that is over already. */
export function endFindings(until: number | null, nowUnixMs: number): Finding[] {
  if (until === null || until > nowUnixMs) {
    return [];
  }
  const message = "The end is in the past: the rule would be over at once.";
  const repair = { title: "Without an end", values: { until: null } };
  return [finding("error", "ends-in-the-past", "until", message, { repair })];
}
