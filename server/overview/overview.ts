import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { Overview, OverviewQuery } from "@/server/contracts/overview.ts";
import type { ServiceSummary } from "@/server/contracts/services.ts";
import type { GraphEdge } from "@/server/contracts/traffic.ts";
import { PortalError } from "@/server/errors.ts";
import type { Portal } from "@/server/portal.ts";
import { serviceList } from "@/server/services/summaries.ts";
import { readTicketLeadTime } from "@/server/settings/settings.ts";
import { mtlsShareOf } from "@/server/traffic/graph/build-graph.ts";
import { gapsOf } from "./gaps.ts";
import { totalSeries } from "./total-series.ts";

const leadTimeDays = 30;
const latelyShown = 8;

/** The page that people begin with: one team's services and what they touch, or everything. */
export async function overviewFor(portal: Portal, person: SignedIn, query: OverviewQuery): Promise<Overview> {
  await portal.ownership.refresh();
  const team = query.team === "all" ? undefined : (query.team ?? ownTeam(person));
  const found = portal.ownership.teams.find(({ name }) => name === team);
  if (team !== undefined && found === undefined) {
    throw new PortalError("not-found", `There is no team ${team}. The page Teams and access lists them.`);
  }
  const graph = await portal.traffic.graph(query.window);
  const list = await serviceList(portal, person, query.window);
  const isOwn = (id: string): boolean => found === undefined || found.namespaces.includes(id.split("/")[0] ?? "");
  // What the team's services call, and who calls them.
  const edges = graph.edges.filter(({ from, to }) => isOwn(from) || isOwn(to));
  const touched = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const services = list.services
    .filter((service) => service.pods > 0 || service.rps > 0)
    .filter((service) => isOwn(idOf(service)) || touched.has(idOf(service)))
    .sort((one, other) => Number(isOwn(idOf(other))) - Number(isOwn(idOf(one))) || other.rps - one.rps);
  const changes = await portal.changes.list({ limit: 50 }, person);
  const mine = changes.changes.filter(({ namespaces }) => namespaces.some((namespace) => isOwn(namespace)));
  const series = totalSeries(portal, (from, to) => isOwn(from) || isOwn(to));
  return {
    team: team ?? "",
    windowSeconds: query.window,
    totals: {
      rps: { value: rate(edges), series: series.rps },
      answeredWell: { value: wellShare(edges), series: series.answeredWell },
      mtlsShare: {
        value: mtlsShareOf(edges.filter(({ from }) => !from.startsWith("outside/"))),
        series: series.mtlsShare,
      },
      deniedPerSecond: {
        value: edges.reduce((sum, edge) => sum + edge.deniedPerSecond, 0),
        series: series.deniedPerSecond,
      },
    },
    services,
    attention: mine.filter(({ state }) => state === "applying" || state === "failed").slice(0, latelyShown),
    lately: mine.filter(({ state }) => state === "verified" || state === "undone").slice(0, latelyShown),
    leadTime: await leadTime(portal),
    gaps: gapsOf(services.filter((service) => isOwn(idOf(service)))),
    newestUnixMs: graph.newestUnixMs,
  };
}

const idOf = ({ namespace, name }: ServiceSummary): string => `${namespace}/${name}`;
const ownTeam = (person: SignedIn): string | undefined =>
  person.roles.includes("platform") || person.roles.includes("auditor") ? undefined : person.teams[0]?.name;
const rate = (edges: readonly GraphEdge[]): number => edges.reduce((sum, edge) => sum + edge.rps, 0);

function wellShare(edges: readonly GraphEdge[]): number | null {
  const count = edges.reduce((sum, edge) => sum + edge.count, 0);
  return count === 0 ? null : 1 - edges.reduce((sum, edge) => sum + edge.errorShare * edge.count, 0) / count;
}

async function leadTime({ db }: Portal): Promise<Overview["leadTime"]> {
  const rows = await db.change.findMany({
    where: {
      state: { in: ["verified", "undone"] },
      createdAt: { gte: new Date(Date.now() - leadTimeDays * 24 * 3_600_000) },
    },
    select: { openedAt: true, finishedAt: true },
    take: 5_000,
  });
  const times = rows
    .flatMap(({ openedAt, finishedAt }) => (finishedAt === null ? [] : [finishedAt.getTime() - openedAt.getTime()]))
    .sort((one, other) => one - other);
  const middle = Math.floor(times.length / 2);
  const upper = times[middle] ?? null;
  return {
    medianMs: upper === null || times.length % 2 === 1 ? upper : (upper + (times[middle - 1] ?? upper)) / 2,
    slowestMs: times.at(-1) ?? null,
    changes: times.length,
    days: leadTimeDays,
    ticketMs: await readTicketLeadTime(db),
  };
}
