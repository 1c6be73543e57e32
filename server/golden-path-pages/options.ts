import { capabilitiesOf, type SignedIn } from "@/server/auth/signed-in.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { type IntentSet, intentsOf } from "@/server/golden-paths/intent.ts";
import { rootNamespace, waypointClass } from "@/server/inventory/labels.ts";
import { type Inventory, type InventoryService, identitiesOf } from "@/server/inventory/model.ts";
import { findPolicies } from "@/server/policies/applied.ts";
import type { Portal } from "@/server/portal.ts";
import { collectEdges, type EdgeTotals, figuresOf } from "@/server/traffic/graph/edge-totals.ts";
import { NodeFinder } from "@/server/traffic/graph/node-ref.ts";

const observedSeconds = 3_600;
type Option<K extends keyof GoldenPathOptions> = GoldenPathOptions[K] extends (infer E)[] ? E : never;

/** What the fields of a form can offer: names that exist, callers that were seen. */
export async function goldenPathOptionsFor(
  portal: Portal,
  person: SignedIn,
  slug: PathSlug,
): Promise<GoldenPathOptions> {
  const { inventory, current } = await portal.changes.context();
  await portal.ownership.refresh();
  const { ownerOf } = portal.ownership;
  const { applyEverywhere, applyIn, applyMeshWide } = capabilitiesOf(person);
  const mine = (namespace: string): boolean => applyEverywhere || applyIn.includes(namespace);
  const policies = findPolicies(inventory);
  const now = Date.now();
  const finder = new NodeFinder(inventory);
  const edges = [...collectEdges(portal.traffic.records(observedSeconds, now + 1_000), finder).values()];
  const lastSeen = new Map<string, number>();
  for (const { identity, counts } of portal.telemetry.shapes.sum(now - observedSeconds * 1_000, now + 1_000).values()) {
    const key = `${finder.source(identity.labels).id}~${finder.destination(identity.labels).id}`;
    lastSeen.set(key, Math.max(lastSeen.get(key) ?? 0, counts.lastUnixMs));
  }
  return {
    slug,
    namespaces: inventory.namespaces
      .filter(({ name }) => name !== rootNamespace && !name.startsWith("kube-"))
      .map(({ name, enrolment }) => ({
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
    services: inventory.services
      .filter(({ kind, namespace }) => kind === "service" && namespace !== rootNamespace)
      .filter(({ selector }) => Object.keys(selector).length > 0)
      .map((service) => ({
        namespace: service.namespace,
        name: service.name,
        team: ownerOf(service.namespace),
        mine: mine(service.namespace),
        enrolment: service.enrolment,
        ports: [...service.ports],
        observed: observedCallers(service, edges, inventory, lastSeen),
        allowed: allowedCallers(service, current),
        versions: versionsOf(service),
        waypoint: service.waypoint !== undefined,
        seen: nothingSeen,
        places: placesOf(service, inventory),
        inForce: [],
      })),
    gateways: inventory.gateways
      .filter(({ className }) => className !== waypointClass)
      .map(({ namespace, name, hosts, programmed }) => ({
        namespace,
        name,
        hosts: [...hosts],
        ready: programmed,
        certificates: [],
      })),
    authorizers: [],
    defaults: {},
    ranges: [],
    identities: identitiesOf(inventory).map((identity) => ({ ...identity, services: [...identity.services] })),
  };
}

const nothingSeen = { methods: [], paths: [], headers: [], claims: [], issuers: [], requestsPerSecond: 0, p99Ms: 0 };

const versionsOf = ({ pods }: InventoryService): Option<"services">["versions"] =>
  [...Map.groupBy(pods, ({ version }) => version)].map(([version, same]) => ({ version, pods: same.length }));

function placesOf({ pods }: InventoryService, { nodes }: Inventory): Option<"services">["places"] {
  const places = pods.map((pod) => nodes.find(({ name }) => name === pod.node));
  return [...Map.groupBy(places, (node) => `${node?.region ?? ""} ${node?.zone ?? ""}`).values()].map((same) => ({
    region: same[0]?.region ?? "",
    zone: same[0]?.zone ?? "",
    pods: same.length,
  }));
}

function observedCallers(
  { namespace, name }: InventoryService,
  edges: readonly EdgeTotals[],
  inventory: Inventory,
  lastSeen: ReadonlyMap<string, number>,
): Option<"services">["observed"] {
  return edges
    .filter(({ to }) => to.id === `${namespace}/${name}`)
    .flatMap((edge) => {
      const figures = figuresOf(edge);
      if (figures.count + figures.denied === 0) {
        return [];
      }
      const caller = inventory.services.find((one) => `${one.namespace}/${one.name}` === edge.from.id);
      const pod = caller?.pods[0];
      return [
        {
          namespace: pod?.namespace ?? "",
          serviceAccount: pod?.serviceAccount ?? "",
          title: edge.from.kind === "unknown" ? "no identity" : edge.from.name,
          enrolled: pod !== undefined && (pod.captured || pod.proxy),
          allowed: figures.count,
          denied: figures.denied,
          rps: figures.count / observedSeconds,
          lastUnixMs: lastSeen.get(`${edge.from.id}~${edge.to.id}`) ?? 0,
        },
      ];
    })
    .sort((one, other) => other.denied - one.denied || other.allowed - one.allowed);
}

const allowedCallers = ({ namespace, name }: InventoryService, current: IntentSet): Option<"services">["allowed"] =>
  intentsOf(current, "let-a-caller-in")
    .filter(({ service }) => service.namespace === namespace && service.name === name)
    .map(({ caller, ports }) => ({ caller, ports: [...ports] }));
