import { capabilitiesOf, type SignedIn } from "@/server/auth/signed-in.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { authorizersOf } from "@/server/golden-paths/ask-an-authorizer/mesh-config.ts";
import { readGuardrails } from "@/server/guardrails/guardrails.ts";
import { ruleOf } from "@/server/guardrails/rules.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import { type Inventory, type InventoryService, identitiesOf } from "@/server/inventory/model.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import type { Portal } from "@/server/portal.ts";
import { collectEdges } from "@/server/traffic/graph/edge-totals.ts";
import { NodeFinder } from "@/server/traffic/graph/node-ref.ts";
import { namesOf, namesOfService } from "@/server/traffic/seen-names.ts";
import { inForceFor, inForceOf } from "./in-force.ts";
import { allowedCallers, lastSeenOf, observedCallers } from "./observed-callers.ts";
import { gatewaysOf, placesOf, versionsOf } from "./places.ts";
import { seenTrafficOf } from "./seen-options.ts";

const observedSeconds = 3_600;

/** What the fields of a form can offer: names that exist, callers that were seen. */
export async function goldenPathOptionsFor(
  portal: Portal,
  person: SignedIn,
  slug: PathSlug,
): Promise<GoldenPathOptions> {
  const context = await portal.changes.context();
  const { inventory, current, traffic } = context;
  await portal.ownership.refresh();
  const rule = ruleOf(await readGuardrails(portal.db), slug);
  const { ownerOf } = portal.ownership;
  const { applyEverywhere, applyIn, applyMeshWide } = capabilitiesOf(person);
  const mine = (namespace: string): boolean => applyEverywhere || applyIn.includes(namespace);
  const endMs = Date.now() + 1_000;
  const startMs = endMs - observedSeconds * 1_000;
  const finder = new NodeFinder(inventory);
  const seen = {
    edges: [...collectEdges(portal.traffic.records(observedSeconds, endMs), finder).values()],
    seconds: observedSeconds,
    lastSeen: lastSeenOf(portal.telemetry, finder, startMs, endMs),
  };
  const names = namesOf(portal.telemetry, startMs, endMs);
  const inForce = inForceOf(context, await changeIdsOf(portal));
  const policies = findPolicies(inventory);
  return {
    slug,
    namespaces: applicationNamespaces(inventory).map(({ name, enrolment }) => ({
      name,
      team: ownerOf(name),
      enrolment,
      mtlsRequired: policies.namespaceRequiresMtls(name),
      lockedDown: policies.namespaceLockedDown(name),
      services: inventory.services.filter(({ namespace, pods }) => namespace === name && pods.length > 0).length,
      hasGateway: inventory.gateways.some(({ namespace }) => namespace === name),
      mine: mine(name),
    })),
    mesh: { mtlsRequired: policies.meshRequiresMtls, lockedDown: policies.meshLockedDown, mine: applyMeshWide },
    services: applicationServices(inventory).map((service) => ({
      namespace: service.namespace,
      name: service.name,
      team: ownerOf(service.namespace),
      mine: mine(service.namespace),
      enrolment: service.enrolment,
      ports: [...service.ports],
      observed: observedCallers(service, seen, inventory),
      allowed: allowedCallers(service, current),
      versions: versionsOf(service),
      waypoint: service.waypoint !== undefined,
      seen: seenTrafficOf(service, traffic, namesOfService(names, service)),
      places: placesOf(service, inventory),
      inForce: inForceFor(inForce, service, slug),
    })),
    gateways: gatewaysOf(inventory),
    authorizers: authorizersOf(inventory).map(({ name, protocol, service, port }) => ({
      name,
      protocol,
      service: port === 0 ? service : `${service}:${port}`,
    })),
    defaults: rule.defaults,
    ranges: rule.ranges,
    identities: identitiesOf(inventory).map((identity) => ({ ...identity, services: [...identity.services] })),
  };
}

const applicationNamespaces = ({ namespaces }: Inventory): Inventory["namespaces"] =>
  namespaces.filter(({ name }) => name !== rootNamespace && !name.startsWith("kube-"));

const applicationServices = ({ services }: Inventory): readonly InventoryService[] =>
  services
    .filter(({ kind, namespace }) => kind === "service" && namespace !== rootNamespace)
    .filter(({ selector }) => Object.keys(selector).length > 0);

/** Which change made each intent in force, by the intents' keys. */
export async function changeIdsOf({ db }: Portal): Promise<ReadonlyMap<string, string>> {
  const rows = await db.intent.findMany({ select: { key: true, changeId: true } });
  return new Map(rows.flatMap(({ key, changeId }) => (changeId === null ? [] : [[key, changeId] as const])));
}
