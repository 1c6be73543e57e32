import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import type { EdgeDetails, Peer } from "@/server/contracts/traffic.ts";
import { allGroups } from "@/server/denials/denials.ts";
import { fixFor } from "@/server/denials/fix.ts";
import { PortalError } from "@/server/errors.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import type { Portal } from "@/server/portal.ts";
import type { SecuredRecord } from "@/server/telemetry/memory.ts";
import type { ShadowIdentity } from "@/server/telemetry/records.ts";
import { behindTheScenesOf } from "./behind-the-scenes.ts";
import { edgePolicies } from "./edge-policies.ts";
import { toGraphEdge, versionShares } from "./graph/build-graph.ts";
import { addCopies } from "./graph/copies.ts";
import { collectEdges, type EdgeTotals, figuresOf } from "./graph/edge-totals.ts";
import { NodeFinder, type NodeRef } from "./graph/node-ref.ts";
import { answersOf, pathsOf } from "./paths.ts";
import { requestRecords } from "./request-records.ts";
import { latencySeriesOf } from "./series.ts";

/** Everything about one edge. Throws `not-found` when nothing was seen on it in the window. */
export async function edgeDetailsOf(
  portal: Portal,
  from: string,
  to: string,
  windowSeconds: number,
  endUnixMs?: number,
): Promise<EdgeDetails> {
  const { telemetry, traffic, config } = portal;
  const inventory = portal.inventory.current;
  const endMs = endUnixMs ?? traffic.liveEnd();
  const startMs = endMs - windowSeconds * 1_000;
  const finder = new NodeFinder(inventory);
  const records = traffic.records(windowSeconds, endMs);
  const edges = addCopies(collectEdges(records, finder), traffic.copies(windowSeconds, endMs), finder);
  const totals = edges.get(`${from}~${to}`);
  if (totals === undefined) {
    throw new PortalError("not-found", "Nothing was seen between these two in this window. Choose a longer one.");
  }
  const isEdge = (source: NodeRef, destination: NodeRef): boolean => source.id === from && destination.id === to;
  const figures = figuresOf(totals);
  const paths = pathsOf(telemetry.shapes.sum(startMs, endMs).values(), finder, isEdge);
  const between = findService(inventory, totals.to)?.waypoint;
  const waypoint = between === undefined ? "" : `${between.namespace}/${between.name}`;
  const secured = securedOf(telemetry.secured.values(), finder, from, to, waypoint);
  const denials = [...telemetry.denials.sum(startMs, endMs).values()].filter(({ identity }) =>
    isEdge(finder.source(identity.labels), finder.destination(identity.labels)),
  );
  const groups = (await allGroups(portal, windowSeconds, endMs)).filter(
    (group) => group.from === from && group.to === to,
  );
  const policies = edgePolicies({
    edge: totals,
    figures,
    denials,
    inventory,
    trustDomain: config.trustDomain,
    paths,
  });
  // A rule of this very path lets the caller in: there is nothing left to restrict.
  const restricted = policies.some(
    ({ policy, verdict }) => verdict === "allowed" && policy.name === `${totals.to.name}-callers`,
  );
  return {
    edge: toGraphEdge(totals, windowSeconds),
    windowSeconds,
    source: toPeer(totals.from, inventory, secured?.edge.sourcePrincipal, secured?.edge.sourceCertificate),
    destination: toPeer(totals.to, inventory, secured?.edge.destinationPrincipal, secured?.edge.destinationCertificate),
    tls:
      secured === undefined
        ? null
        : { version: secured.edge.tlsVersion, cipher: secured.edge.cipher, connections: secured.edge.connections },
    waypoint,
    ...middleOf(telemetry.secured.values(), finder, from, to, waypoint, inventory),
    behind: behindTheScenesOf(telemetry, finder, to, startMs, endMs),
    shadows: shadowsOf(telemetry.shadows.sum(startMs, endMs).values(), finder, isEdge),
    mtlsSinceUnixMs: figures.mtlsShare === 1 ? (secured?.sinceUnixMs ?? null) : null,
    answers: answersOf([totals]),
    versions: versionShares(findService(inventory, totals.to), [totals], windowSeconds),
    series: latencySeriesOf(telemetry, finder, isEdge, windowSeconds, endMs),
    paths,
    policies,
    records: requestRecords(telemetry.access, finder, isEdge, startMs, endMs),
    denials: groups.map((group) => ({ groupId: group.id, sentence: group.sentence, count: group.count })),
    suggestions: suggest(
      totals,
      figures.mtlsShare,
      groups.flatMap(({ fix }) => fix ?? []),
      inventory,
      config.trustDomain,
    ).filter(({ title }) => !(restricted && title === restrictTitle)),
  };
}

/**
 * The mutual TLS of an edge. With a waypoint in between there are two handshakes: the caller's is told from the first,
 * the callee's from the second, and the edge is secured since the younger of them.
 */
function securedOf(
  all: Iterable<SecuredRecord>,
  finder: NodeFinder,
  from: string,
  to: string,
  waypoint: string,
): SecuredRecord | undefined {
  const records = [...all];
  const direct = newestSecured(records, finder, from, to);
  const first = waypoint === "" ? undefined : newestSecured(records, finder, from, waypoint);
  const second = waypoint === "" ? undefined : newestSecured(records, finder, waypoint, to);
  if (first === undefined || second === undefined) {
    return direct;
  }
  return {
    edge: {
      ...first.edge,
      destinationPrincipal: second.edge.destinationPrincipal,
      destinationCertificate: second.edge.destinationCertificate,
    },
    sinceUnixMs: Math.max(first.sinceUnixMs, second.sinceUnixMs),
  };
}

/** The waypoint's own identity between the two handshakes, and the second of them. */
function middleOf(
  all: Iterable<SecuredRecord>,
  finder: NodeFinder,
  from: string,
  to: string,
  waypoint: string,
  inventory: Inventory,
): Pick<EdgeDetails, "waypointPeer" | "waypointTls"> {
  const records = [...all];
  const first = waypoint === "" ? undefined : newestSecured(records, finder, from, waypoint);
  const second = waypoint === "" ? undefined : newestSecured(records, finder, waypoint, to);
  const known = second?.edge ?? first?.edge;
  if (known === undefined) {
    return { waypointPeer: null, waypointTls: null };
  }
  const [namespace = "", name = ""] = waypoint.split("/");
  const node: NodeRef = { id: waypoint, kind: "waypoint", namespace, name };
  const waypointPeer =
    second === undefined
      ? toPeer(node, inventory, first?.edge.destinationPrincipal, first?.edge.destinationCertificate)
      : toPeer(node, inventory, second.edge.sourcePrincipal, second.edge.sourceCertificate);
  return {
    waypointPeer,
    waypointTls:
      second === undefined
        ? null
        : { version: second.edge.tlsVersion, cipher: second.edge.cipher, connections: second.edge.connections },
  };
}

/** Decisions that dry-run policies would have changed on the edge, most frequent first. */
function shadowsOf(
  shadows: Iterable<{ readonly identity: ShadowIdentity; readonly counts: { readonly count: number } }>,
  finder: NodeFinder,
  isEdge: (from: NodeRef, to: NodeRef) => boolean,
): EdgeDetails["shadows"] {
  const merged = new Map<string, EdgeDetails["shadows"][number]>();
  for (const { identity, counts } of shadows) {
    if (isEdge(finder.source(identity.labels), finder.destination(identity.labels))) {
      const { policy, wouldBe, method, path } = identity;
      const [namespace = "", name = ""] = policy.split("/");
      // Versions and pods are told apart; people ask for the request.
      const key = `${policy} ${wouldBe} ${method} ${path}`;
      const count = (merged.get(key)?.count ?? 0) + counts.count;
      merged.set(key, { policy: { namespace, name }, wouldBe, method, path, count });
    }
  }
  return [...merged.values()].sort((one, other) => other.count - one.count).slice(0, 50);
}

function newestSecured(
  all: Iterable<SecuredRecord>,
  finder: NodeFinder,
  from: string,
  to: string,
): SecuredRecord | undefined {
  const matching = [...all].filter(
    ({ edge }) =>
      finder.ofWorkload(edge.sourceNamespace, edge.sourceWorkload)?.id === from &&
      finder.ofWorkload(edge.destinationNamespace, edge.destinationWorkload)?.id === to,
  );
  const newest = matching.toSorted((one, other) => other.edge.timeUnixMs - one.edge.timeUnixMs)[0];
  // With several pairs of workloads behind an edge, it is mutual since the last of them became so.
  return newest === undefined
    ? undefined
    : { edge: newest.edge, sinceUnixMs: Math.max(...matching.map(({ sinceUnixMs }) => sinceUnixMs)) };
}

function toPeer(
  node: NodeRef,
  inventory: Inventory,
  principal: string | undefined,
  certificate: { serial: string; notBeforeUnixMs: number; notAfterUnixMs: number } | undefined,
): Peer {
  const pod = findService(inventory, node)?.pods[0];
  const spiffeId =
    principal === undefined || principal === "" || principal === "unknown" ? null : withScheme(principal);
  return {
    spiffeId,
    workload: pod?.workload ?? node.name,
    namespace: node.namespace,
    certificate: spiffeId === null || certificate === undefined ? null : { identity: spiffeId, ...certificate },
  };
}

const withScheme = (principal: string): string =>
  principal.startsWith("spiffe://") ? principal : `spiffe://${principal}`;

const restrictTitle = "Restrict this edge";

/** Golden paths that fit the edge: repairs first. */
function suggest(
  { from, to }: EdgeTotals,
  mtlsShare: number | null,
  fixes: readonly Prefilled[],
  inventory: Inventory,
  trustDomain: string,
): Prefilled[] {
  const offers: Prefilled[] = [...fixes];
  const caller = findService(inventory, from);
  const callee = findService(inventory, to);
  const outside = [caller, callee].filter(
    (service) => service?.kind === "service" && service.enrolment.captured < service.enrolment.pods,
  );
  const namespaces = [...new Set(outside.map((service) => service?.namespace ?? ""))];
  if (mtlsShare !== 1 && namespaces.length > 0) {
    offers.push({
      slug: "join-the-mesh",
      title: `Enrol ${namespaces.join(" and ")}`,
      reason: "Then this traffic is mutually authenticated",
      values: { namespaces, enrolled: true },
    });
  }
  const pod = caller?.pods[0];
  if (pod !== undefined && callee?.kind === "service" && callee.ports[0] !== undefined) {
    const principal = `${trustDomain}/ns/${pod.namespace}/sa/${pod.serviceAccount}`;
    const restrict = fixFor(
      callee.waypoint === undefined || from.kind === "gateway"
        ? { reason: "no-allow-policy-matched", policy: "", destinationPort: callee.ports[0].targetPort }
        : { reason: "no-allow-policy-matched", policy: "", destinationPort: callee.ports[0].port, hop: "waypoint" },
      from,
      to,
      principal,
      inventory,
    );
    if (restrict !== null && !offers.some(({ slug }) => slug === "let-a-caller-in")) {
      offers.push({
        ...restrict,
        title: restrictTitle,
        reason: `Only ${from.name} and those you name may call ${to.name}`,
      });
    }
  }
  return offers.filter((offer, index) => offers.findIndex(({ title }) => title === offer.title) === index);
}
