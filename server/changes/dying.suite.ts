/** What a portal process that dies leaves behind, and the one that comes after it. Test code. */
import type { ChangeSummary } from "@/server/contracts/changes.ts";
import { findDrifted } from "@/server/drift/drifted.ts";
import { render } from "@/server/golden-paths/render.ts";
import type { Changes } from "./changes.ts";
import type { ChangeDeps } from "./deps.ts";
import { cachedObjects } from "./live-objects.ts";
import { Mortal } from "./mortal.suite.ts";
import { pat, type TestChanges } from "./test-changes.suite.ts";

/** Kinds of which nothing may be left over. */
const kinds = ["AuthorizationPolicy", "HTTPRoute", "VirtualService", "DestinationRule", "Gateway"] as const;

/** Everything of ours in the cluster, each with its content. */
export async function inCluster(company: TestChanges): Promise<string[]> {
  const { current, inventory } = await company.changes.context();
  const rendered = render(current, inventory);
  return [
    ...[...rendered.keys()].sort(),
    ...findDrifted(rendered, cachedObjects(company.cluster), new Set()).map(
      ({ kind, ref }) => `${kind}: ${ref.kind} ${ref.name}`,
    ),
    ...kinds.flatMap((kind) =>
      company.cluster
        .list(kind)
        .map(({ metadata }) => `${kind} ${metadata?.namespace}/${metadata?.name}`)
        .filter((key) => !rendered.has(key))
        .map((key) => `left over: ${key}`),
    ),
  ];
}

/** What is on record of a change: its end, and who did what. */
export async function onRecord(company: TestChanges, { id, number }: ChangeSummary): Promise<object> {
  const { db } = company.database;
  const { state, receipt } = await company.changes.details(id, pat);
  const records = await db.auditRecord.findMany({ orderBy: { sequence: "asc" } });
  const ours = records.filter(({ object }) => object === `change ${number}` || object.startsWith(`change ${number}:`));
  return { state, complete: receipt?.complete, audit: ours.map(({ action }) => action) };
}

const newest = async (company: TestChanges): Promise<number> =>
  (await company.changes.list({ limit: 1 }, pat)).changes[0]?.number ?? 0;

/** What a process works with. */
export interface Process {
  readonly changes: Changes;
  readonly deps: ChangeDeps;
}

/**
 * Runs `work` in a process that dies before its write number `at`, then starts another one. `change`: what it began, when
 * that was there at the end.
 */
export async function dieAt(
  company: TestChanges,
  at: number,
  work: (through: Process) => Promise<unknown>,
): Promise<{ change: ChangeSummary | undefined; died: boolean; lastWord: string }> {
  const before = await newest(company);
  const mortal = new Mortal(company.deps, company.database, at);
  const summary = await mortal.until(work(mortal));
  if (summary !== "died") {
    await mortal.until(mortal.changes.settled());
  }
  const died = mortal.lastWord !== "";
  await mortal.bury();
  // The process that comes after it.
  const next = company.through({});
  await next.resume();
  await next.settled();
  await next.upkeep(Date.now());
  await next.settled();
  const [change] = (await company.changes.list({ limit: 1 }, pat)).changes;
  return {
    change: change !== undefined && change.number > before ? change : undefined,
    died,
    lastWord: mortal.lastWord,
  };
}
