import { appendAudit } from "../server/audit/audit-log.ts";
import type { SignedIn } from "../server/auth/signed-in.ts";
import { Changes } from "../server/changes/changes.ts";
import type { ChangeDeps } from "../server/changes/deps.ts";
import { type Cluster, openCluster } from "../server/cluster/cluster.ts";
import type { PortalConfig } from "../server/config.ts";
import type { ChangeDetails } from "../server/contracts/changes.ts";
import { type PathFormValues, pathForms } from "../server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "../server/contracts/golden-paths/slug.ts";
import { startTestDatabase, type TestDatabase } from "../server/db/test-database.suite.ts";
import { noTraffic } from "../server/golden-paths/insight.ts";
import { LiveInventory } from "../server/inventory/live-inventory.ts";
import { createLog } from "../server/log.ts";
import { sendProbe } from "../server/probes/send-probe.ts";
import { ReplayThread } from "../server/replay/replay-thread.ts";
import { people, seedPeople } from "../server/seed/people.ts";
import { TelemetryMemory } from "../server/telemetry/memory.ts";
import type { TestMesh } from "./mesh.ts";

const [{ id, name, initials, persona }] = people;
/** The tour's platform engineer. */
const pat: SignedIn = { id, name, initials, persona, roles: ["platform"], teams: [], sessionEndsUnixMs: 0 };
const asker = { person: pat, address: "" };

/** The portal's changes over a real mesh: what its pages would do, without the pages. */
export class PortalChanges implements AsyncDisposable {
  readonly changes: Changes;
  readonly cluster: Cluster;
  /** What they work with. */
  readonly deps: ChangeDeps;
  readonly #database: TestDatabase;
  readonly #replay: ReplayThread;

  private constructor(deps: ChangeDeps, database: TestDatabase, replay: ReplayThread) {
    this.deps = deps;
    this.changes = new Changes(deps);
    this.cluster = deps.cluster;
    this.#database = database;
    this.#replay = replay;
  }

  static async start(mesh: TestMesh, more: Partial<ChangeDeps> = {}): Promise<PortalChanges> {
    const log = { ...createLog("scenario"), info() {}, warn() {} };
    const database = await startTestDatabase();
    await seedPeople(database.db);
    const cluster = await openCluster(mesh.towpath.home.kubeconfig, log);
    await cluster.synced;
    const telemetry = new TelemetryMemory();
    mesh.collector.follow((part, batch) => void telemetry.take(part, batch, Date.now(), Date.now()));
    const inventory = new LiveInventory(cluster);
    const replay = new ReplayThread({ databaseUrl: database.url, trustDomain: "cluster.local", telemetry, log });
    const gatewayUrl = mesh.towpath.facts.gateway;
    const deps: ChangeDeps = {
      config: { target: "embedded", trustDomain: "cluster.local", gatewayUrl } as PortalConfig,
      db: database.db,
      pool: database.pool,
      cluster,
      inventory,
      telemetry,
      replay,
      log,
      insight: () => noTraffic,
      probe: (probe, touched) =>
        sendProbe(probe, touched, { cluster, inventory, gatewayUrl, denials: telemetry.denials }),
      audit: (entry, within) => appendAudit(within ?? database.db, entry),
      ...more,
    };
    return new PortalChanges(deps, database, replay);
  }

  /** Fills in a form, applies it and waits for its end. */
  async apply<S extends PathSlug>(slug: S, form: object, confirmation = ""): Promise<ChangeDetails> {
    // The form of a slug parses to that path's values.
    const values = pathForms[slug].parse(form) as PathFormValues[S];
    const openedUnixMs = Date.now();
    const { etag } = await this.changes.preview(slug, values, pat);
    const request = { values, etag, openedUnixMs, confirmation, reason: "", force: false };
    return this.#done((await this.changes.apply(slug, values, request, asker)).id);
  }

  async undo(change: string): Promise<ChangeDetails> {
    const request = { openedUnixMs: Date.now(), reason: "", force: false };
    return this.#done((await this.changes.undo(change, request, asker)).id);
  }

  async #done(change: string): Promise<ChangeDetails> {
    await this.changes.settled();
    return this.changes.details(change, pat);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.changes.settled();
    await this.#replay.close();
    this.cluster.close();
    await this.#database.close();
  }
}
