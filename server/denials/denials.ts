import { stepsOf } from "@/server/changes/change-row.ts";
import { isUnchanged } from "@/server/changes/proposal.ts";
import type { DenialGroup, DenialList, DenialsQuery, DeniedRequests } from "@/server/contracts/denials.ts";
import { inForceOf } from "@/server/golden-path-pages/in-force.ts";
import { resourceKey } from "@/server/golden-paths/resource.ts";
import type { Portal } from "@/server/portal.ts";
import { NodeFinder } from "@/server/traffic/graph/node-ref.ts";
import { answerTitle, plainPrincipal, reasonTitle } from "./denial-words.ts";
import { type ChangeByResource, enforcerOf, groupDenials, groupId } from "./group-denials.ts";

const rowsMax = 500;
const changesRead = 200;

/** Groups of a window that fit the filters. */
export async function denialList(portal: Portal, query: DenialsQuery): Promise<DenialList> {
  const endMs = Date.now() + 1_000;
  const groups = (await allGroups(portal, query.window, endMs)).filter((group) => fits(group, query));
  const graph = await portal.traffic.graph(query.window);
  const refusals = groups.reduce((sum, group) => sum + group.count, 0);
  const sent = graph.edges.reduce((sum, edge) => sum + edge.count + edge.denied, 0);
  return {
    windowSeconds: query.window,
    groups,
    refusals,
    share: sent === 0 ? null : Math.min(1, refusals / sent),
    newestUnixMs: portal.telemetry.newestUnixMs,
  };
}

export async function allGroups(portal: Portal, windowSeconds: number, endMs: number): Promise<DenialGroup[]> {
  return groupDenials({
    denials: portal.telemetry.denials,
    inventory: portal.inventory.current,
    startMs: endMs - windowSeconds * 1_000,
    endMs,
    changes: await changesByResource(portal),
    inForce: inForceOf(await portal.changes.context(), new Map()),
  });
}

/** Every second's refusals as the proxies told them, newest first. */
export function deniedRequests(portal: Portal, query: DenialsQuery): DeniedRequests {
  const endMs = Date.now() + 1_000;
  const finder = new NodeFinder(portal.inventory.current);
  const rows: DeniedRequests["requests"] = [];
  portal.telemetry.denials.each(endMs - query.window * 1_000, endMs, (identity, counts) => {
    const from = finder.source(identity.labels);
    const to = finder.destination(identity.labels);
    if (!fits({ from: from.id, to: to.id, hop: identity.hop, reason: identity.reason }, query)) {
      return;
    }
    const principal = plainPrincipal(identity.labels.source_principal);
    rows.push({
      timeUnixMs: counts.lastUnixMs,
      groupId: groupId(identity, from, to),
      caller: {
        title: from.kind === "unknown" ? "no identity" : from.kind === "outside" ? "outside" : from.name,
        namespace: from.namespace,
        principal,
        pod: counts.sourcePod,
        ip: counts.sourceIp,
      },
      service: { namespace: to.namespace, name: to.name },
      port: identity.destinationPort,
      method: identity.method,
      path: identity.path,
      reasonTitle: reasonTitle(identity, principal !== ""),
      hop: identity.hop,
      node: identity.node,
      enforcer: enforcerOf(identity, from, to, portal.inventory.current),
      answerTitle: answerTitle(identity.answer),
      count: counts.count,
    });
  });
  return { requests: rows.sort((one, other) => other.timeUnixMs - one.timeUnixMs).slice(0, rowsMax) };
}

const fits = (group: Pick<DenialGroup, "from" | "to" | "hop" | "reason">, query: DenialsQuery): boolean =>
  (query.caller === undefined || group.from === query.caller) &&
  (query.service === undefined || group.to === query.service) &&
  (query.hop === undefined || group.hop === query.hop) &&
  (query.reason === undefined || group.reason === query.reason);

async function changesByResource({ db }: Portal): Promise<ChangeByResource> {
  const rows = await db.change.findMany({
    where: { state: "verified" },
    include: { author: true },
    orderBy: { number: "desc" },
    take: changesRead,
  });
  const byResource = new Map<string, NonNullable<DenialGroup["since"]>>();
  for (const row of rows) {
    for (const step of stepsOf(row)) {
      const key = resourceKey(step.ref);
      if (!isUnchanged(step) && !byResource.has(key)) {
        byResource.set(key, {
          id: row.id,
          number: row.number,
          title: row.title,
          author: row.author.name,
          timeUnixMs: (row.appliedAt ?? row.createdAt).getTime(),
        });
      }
    }
  }
  return byResource;
}
