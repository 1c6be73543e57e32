/**
 * How long a person waits: from opening the preview of a filled-in form until every proxy has confirmed, as the change
 * itself keeps it (its lead time). The demo's company on a real mesh, the portal's changes with their database.
 */
import { Company } from "../scenarios/company.ts";
import { PortalChanges } from "../scenarios/portal-changes.ts";
import type { PathSlug } from "../server/contracts/golden-paths/slug.ts";
import { markdownTable, ms, quantile } from "./table.ts";

const rounds = 20;
/** Each starts a pod. */
const waypointRounds = 6;
const service = { namespace: "default", name: "httpbin" };
const callers = [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }];
const byHeader = [{ methods: ["GET"], paths: ["/headers"], headers: [{ name: "x-test-me", match: "present" }] }];

/** A table for RESULTS.md. */
export async function formToEnforcedReport(): Promise<string> {
  await using company = await Company.start();
  await using portal = await PortalChanges.start(company.mesh);
  const table: (string | number)[][] = [["form", "changes", "p50", "p95"]];
  const take = async (slug: PathSlug, form: object): Promise<number> => {
    const change = await portal.apply(slug, form);
    if (change.state !== "verified" || change.leadTimeMs === null) {
      throw new Error(`${change.title}: ${change.state} ${change.failure}`);
    }
    return change.leadTimeMs;
  };
  const addRow = (title: string, taken: readonly number[]): void => {
    table.push([title, taken.length, ms(quantile(taken, 0.5)), ms(quantile(taken, 0.95))]);
  };
  /** Set and taken back in turns. */
  const measure = async (title: string, slug: PathSlug, form: object, forward: string): Promise<void> => {
    const taken: number[] = [];
    for (let round = 0; round < rounds; round++) {
      taken.push(await take(slug, { ...form, [forward]: round % 2 === 0 }));
    }
    addRow(title, taken);
  };
  await measure("let a caller in, by identity", "let-a-caller-in", { service, callers, ports: [8000] }, "allowed");
  const given: number[] = [];
  const gone: number[] = [];
  while (given.length < waypointRounds) {
    if (given.length > 0) {
      gone.push(await take("give-a-waypoint", { namespaces: ["default"], given: false }));
    }
    given.push(await take("give-a-waypoint", { namespaces: ["default"] }));
  }
  addRow("give a namespace a waypoint (its pod starts)", given);
  addRow("take it away again", gone);
  await measure(
    "let a caller in, by method, path and header",
    "let-a-caller-in",
    { service, callers, ports: [8000], requests: byHeader },
    "allowed",
  );
  await measure("retries", "retries", { service }, "enabled");
  return markdownTable(table);
}
