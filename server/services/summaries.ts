import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { ServiceList, ServiceSummary } from "@/server/contracts/services.ts";
import { findService } from "@/server/inventory/model.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import type { Portal } from "@/server/portal.ts";
import { mtlsShareOf } from "@/server/traffic/graph/build-graph.ts";
import { countsEdge, NodeFinder } from "@/server/traffic/graph/node-ref.ts";
import { waypointState } from "./waypoint-state.ts";

const sparkStepMs = 60_000;
const sparkSteps = 60;

/** Every service and gateway with its figures. */
export async function serviceList(portal: Portal, person: SignedIn, windowSeconds: number): Promise<ServiceList> {
  const graph = await portal.traffic.graph(windowSeconds);
  const inventory = portal.inventory.current;
  const policies = findPolicies(inventory);
  const own = new Set(person.teams.flatMap(({ namespaces }) => namespaces));
  const rates = ratesOf(portal, graph.endUnixMs);
  const services = graph.nodes.flatMap((node): ServiceSummary[] => {
    const service = findService(inventory, node);
    if (service === undefined) {
      return [];
    }
    const callers = graph.edges.filter(({ to }) => to === node.id);
    return [
      {
        namespace: node.namespace,
        name: node.name,
        kind: service.kind,
        team: node.team,
        mine: own.has(node.namespace),
        health: node.health,
        healthReason: node.healthReason,
        versions: node.versions,
        pods: node.pods,
        readyPods: node.readyPods,
        enrolment: node.enrolment,
        rps: node.rpsIn,
        errorShare: node.errorShare,
        p95Ms: node.p95Ms,
        deniedPerSecond: callers.reduce((sum, edge) => sum + edge.deniedPerSecond, 0),
        mtlsShare: mtlsShareOf(callers),
        callers: callers.length,
        callees: graph.edges.filter(({ from }) => from === node.id).length,
        authorized: node.authorized,
        mtlsRequired: policies.requiresMtls(service),
        waypoint: waypointState(service, inventory),
        layer7Unenforced: policies.withoutWaypoint(service).length > 0,
        rate: { stepSeconds: sparkStepMs / 1_000, endUnixMs: graph.endUnixMs, values: rates.get(node.id) ?? [] },
      },
    ];
  });
  return { windowSeconds, services };
}

/** Requests per second by the minute, of every service at once. */
function ratesOf({ telemetry, inventory }: Portal, endMs: number): Map<string, (number | null)[]> {
  const finder = new NodeFinder(inventory.current);
  const startMs = endMs - sparkSteps * sparkStepMs;
  const known = telemetry.requests.oldestMs ?? Number.POSITIVE_INFINITY;
  const blank = (): (number | null)[] =>
    Array.from({ length: sparkSteps }, (_, index) => (startMs + (index + 1) * sparkStepMs > known ? 0 : null));
  const rates = new Map<string, (number | null)[]>();
  for (const service of inventory.current.services) {
    rates.set(`${service.namespace}/${service.name}`, blank());
  }
  telemetry.requests.each(startMs, endMs, ({ labels }, { count }, at, width) => {
    const step = Math.floor((at + width / 2 - startMs) / sparkStepMs);
    if (!countsEdge(labels, "-", finder) || step < 0 || step >= sparkSteps) {
      return;
    }
    const values = rates.get(finder.destination(labels).id);
    if (values !== undefined) {
      values[step] = (values[step] ?? 0) + count / (sparkStepMs / 1_000);
    }
  });
  return rates;
}
