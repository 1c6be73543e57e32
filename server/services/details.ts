import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { ServiceDetails } from "@/server/contracts/services.ts";
import type { Certificate } from "@/server/contracts/traffic.ts";
import { PortalError } from "@/server/errors.ts";
import { changeIdsOf } from "@/server/golden-path-pages/options.ts";
import { findService, type InventoryService } from "@/server/inventory/model.ts";
import { appliedPolicies } from "@/server/policies/describe.ts";
import type { Portal } from "@/server/portal.ts";
import { NodeFinder } from "@/server/traffic/graph/node-ref.ts";
import { nodeDetailsOf } from "@/server/traffic/node-details.ts";
import { pathsOf } from "@/server/traffic/paths.ts";
import { appliedRouting } from "./applied-routing.ts";
import { servicePaths } from "./service-paths.ts";
import { serviceList } from "./summaries.ts";

const changesShown = 20;

/** Everything about one service. Throws `not-found`. */
export async function serviceDetails(
  portal: Portal,
  person: SignedIn,
  ref: { namespace: string; name: string },
  windowSeconds: number,
): Promise<ServiceDetails> {
  const context = await portal.changes.context();
  const { inventory } = context;
  const service = findService(inventory, ref);
  const id = `${ref.namespace}/${ref.name}`;
  const list = await serviceList(portal, person, windowSeconds);
  const summary = list.services.find(({ namespace, name }) => namespace === ref.namespace && name === ref.name);
  if (service === undefined || summary === undefined) {
    throw new PortalError("not-found", `There is no service ${ref.name} in namespace ${ref.namespace}.`);
  }
  const node = await nodeDetailsOf(portal, id, windowSeconds);
  const endMs = portal.traffic.liveEnd();
  const zones = new Map(inventory.nodes.map(({ name, zone }) => [name, zone]));
  const changes = await portal.changes.list({ limit: changesShown, namespace: ref.namespace }, person);
  return {
    windowSeconds,
    summary,
    hostnames: [ref.name, `${ref.name}.${ref.namespace}`, `${ref.name}.${ref.namespace}.svc.cluster.local`],
    ports: [...service.ports],
    podList: service.pods.map((pod) => ({
      name: pod.name,
      version: pod.version,
      node: pod.node,
      zone: zones.get(pod.node) ?? "",
      ip: pod.ip,
      phase: pod.phase,
      ready: pod.ready,
      restarts: pod.restarts,
      captured: pod.captured || pod.proxy,
      serviceAccount: pod.serviceAccount,
      startedUnixMs: pod.startedUnixMs,
    })),
    identities: identitiesFor(portal, service),
    callers: node.callers,
    callees: node.callees,
    paths: pathsOf(
      portal.telemetry.shapes.sum(endMs - windowSeconds * 1_000, endMs).values(),
      new NodeFinder(inventory),
      (_from, to) => to.id === id,
    ),
    answers: node.answers,
    series: node.series,
    policies: appliedPolicies(service, inventory),
    routing: appliedRouting(service, inventory),
    goldenPaths: service.kind !== "service" ? [] : servicePaths(service, context, await changeIdsOf(portal)),
    changes: changes.changes,
  };
}

function identitiesFor({ config, telemetry }: Portal, service: InventoryService): ServiceDetails["identities"] {
  const accounts = [...new Set(service.pods.map(({ serviceAccount }) => serviceAccount))].sort();
  return accounts.map((serviceAccount) => {
    const spiffeId = `spiffe://${config.trustDomain}/ns/${service.namespace}/sa/${serviceAccount}`;
    const certificates = new Map<string, Certificate>();
    for (const proxy of telemetry.proxies.values()) {
      for (const certificate of proxy.certificates) {
        if (certificate.identity === spiffeId) {
          certificates.set(certificate.serial, certificate);
        }
      }
    }
    return { spiffeId, serviceAccount, certificates: [...certificates.values()] };
  });
}
