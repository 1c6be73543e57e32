import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProxyStatus } from "@/mesh-runtime/api/telemetry.ts";
import type { AuditEntry } from "@/server/audit/audit-log.ts";
import type { SignedIn } from "@/server/auth/signed-in.ts";
import { type Cluster, openCluster } from "@/server/cluster/cluster.ts";
import { ClusterConnection } from "@/server/cluster/connection.ts";
import { ClusterError } from "@/server/cluster/errors.ts";
import { resourcePath, type WatchedKind } from "@/server/cluster/kinds.ts";
import { startTestApiServer, type TestApiServer } from "@/server/cluster/test-api-server.suite.ts";
import type { PortalConfig } from "@/server/config.ts";
import type { ChangeDetails, ChangeSummary } from "@/server/contracts/changes.ts";
import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { ApplyRequest } from "@/server/contracts/golden-paths.ts";
import { createPool } from "@/server/db/pool.ts";
import { startTestDatabase, type TestDatabase } from "@/server/db/test-database.suite.ts";
import { noTraffic } from "@/server/golden-paths/insight.ts";
import { LiveInventory } from "@/server/inventory/live-inventory.ts";
import { createLog } from "@/server/log.ts";
import { seedPeople } from "@/server/seed/people.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { Changes } from "./changes.ts";
import type { ChangeDeps } from "./deps.ts";

const person = (id: string, roles: SignedIn["roles"], namespaces: string[]): SignedIn => ({
  id,
  name: id,
  initials: id.slice(0, 2),
  persona: "none",
  roles,
  teams: [{ name: id, title: id, namespaces }],
  sessionEndsUnixMs: 0,
});
const pat = person("pat", ["platform"], []);
const dana = person("dana", ["developer"], ["web-api"]);
const silent = { ...createLog("test"), info() {}, warn() {}, error() {} };
const webApi = { namespace: "web-api", name: "web-api" };

let api: TestApiServer;
let database: TestDatabase;
let connection: ClusterConnection;
let cluster: Cluster;
let deps: ChangeDeps;
let changes: Changes;
const audited: AuditEntry[] = [];
const telemetry = new TelemetryMemory();

const create = async (
  kind: WatchedKind,
  apiVersion: string,
  object: { metadata: { name: string; namespace?: string } },
) => {
  const path = resourcePath(kind, object.metadata.namespace ?? "");
  await connection.request({ method: "POST", path, body: { apiVersion, kind, ...object } });
};
const patch = (path: string, body: object): Promise<unknown> =>
  connection.request({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });

/** Stands in for control plane and proxies: acknowledges every policy it sees, and tells when it applied something. */
function acknowledge(): void {
  const told = new Map<string, string>();
  let shape = "";
  cluster.onChange(() => {
    const names: string[] = [];
    for (const kind of ["AuthorizationPolicy", "PeerAuthentication"] as const) {
      for (const { metadata } of cluster.list(kind)) {
        const { namespace = "", name = "", generation = 0 } = metadata ?? {};
        const key = `${kind} ${namespace}/${name}`;
        const version = `${metadata?.uid} ${generation}`;
        names.push(`${key} ${version}`);
        if (told.get(key) !== version) {
          told.set(key, version);
          const condition = {
            type: "towpath.dev/Enforced",
            status: "True",
            reason: "AllProxiesInSync",
            message: "enforced on 2 of 2 proxies after 7 ms",
            observedGeneration: String(generation),
            lastTransitionTime: new Date().toISOString(),
          };
          patch(`${resourcePath(kind, namespace, name)}/status`, { status: { conditions: [condition] } }).catch(
            () => undefined,
          );
        }
      }
    }
    if (names.sort().join() !== shape) {
      shape = names.join();
      const now = Date.now();
      const status = { proxy: "ztunnel~node-a", kind: "agent", xdsConnected: true, lastAppliedUnixMs: now };
      telemetry.proxies.set("ztunnel~node-a", { ...(status as ProxyStatus), seenUnixMs: now });
    }
  });
}

beforeAll(async () => {
  [api, database] = await Promise.all([startTestApiServer(), startTestDatabase()]);
  await seedPeople(database.db);
  connection = await ClusterConnection.open(api.kubeconfig);
  for (const name of ["web-api", "recommendation", "istio-ingress", "istio-system"]) {
    await create("Namespace", "v1", { metadata: { name } }).catch((error: unknown) => {
      if (!(error instanceof ClusterError && error.code === "conflict")) {
        throw error;
      }
    });
  }
  for (const name of ["web-api", "recommendation"]) {
    await create("ServiceAccount", "v1", { metadata: { name, namespace: name } });
    await create("Service", "v1", {
      metadata: { name, namespace: name },
      spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
    } as Parameters<typeof create>[2]);
  }
  cluster = await openCluster(api.kubeconfig, silent);
  await cluster.synced;
  acknowledge();
  deps = {
    config: { target: "embedded", trustDomain: "cluster.local" } as PortalConfig,
    db: database.db,
    pool: database.pool,
    cluster,
    inventory: new LiveInventory(cluster),
    telemetry,
    insight: () => noTraffic,
    log: silent,
    audit: async (entry) => void audited.push(entry),
  };
  changes = new Changes(deps);
}, 60_000);

afterAll(async () => {
  await changes.settled();
  cluster.close();
  connection.close();
  await Promise.all([api.close(), database.close()]);
}, 60_000);

async function apply<S extends PathSlug>(
  slug: S,
  values: PathFormValues[S],
  more: Partial<ApplyRequest> & { by?: SignedIn; through?: Changes } = {},
): Promise<ChangeSummary> {
  const { by = pat, through = changes, ...request } = more;
  const { etag } = await through.preview(slug, values, by);
  const asker = { person: by, address: "127.0.0.1" };
  const form = { values, etag, openedUnixMs: Date.now() - 4_000, confirmation: "", reason: "", force: false };
  return through.apply(slug, values, { ...form, ...request }, asker);
}
const done = async (summary: ChangeSummary, through = changes): Promise<ChangeDetails> => {
  await through.settled();
  return through.details(summary.id, pat);
};
const undo = (id: string, by = pat): Promise<ChangeSummary> =>
  changes.undo(id, { openedUnixMs: Date.now(), reason: "", force: false }, { person: by, address: "" });
const live = (name: string, namespace = "web-api") =>
  cluster.read({ apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", namespace, name });

const lock = (namespace = "web-api") => ({
  scope: "namespaces" as const,
  namespaces: [namespace],
  locked: true,
  keepGatewaysOpen: true,
});
const allow = (service: { namespace: string; name: string }, from: string) => ({
  service,
  callers: [{ kind: "identity" as const, namespace: from, serviceAccount: from }],
  ports: [80],
  requests: [],
  until: null,
  allowed: true,
});

describe("a change", { timeout: 30_000 }, () => {
  test("is applied, proven by the proxies, and undone to the former state", async () => {
    const change = await done(await apply("lock-down", lock(), { confirmation: "web-api" }));
    expect(change).toMatchObject({
      state: "verified",
      receipt: { complete: true, message: "Enforced on 2 of 2 proxies after 7 ms" },
      resources: [{ action: "create" }],
      undoable: true,
    });
    expect(change.leadTimeMs).toBeGreaterThanOrEqual(4_000);
    expect(await live("deny-all")).toMatchObject({ spec: {} });
    expect([...(await changes.intents()).keys()]).toEqual(["lock-down/web-api"]);

    const back = await done(await undo(change.id));
    expect(back).toMatchObject({ state: "verified", undoOf: { number: change.number } });
    expect(await live("deny-all")).toBeUndefined();
    expect((await changes.intents()).size).toBe(0);
    expect((await changes.details(change.id, pat)).state).toBe("undone");
    await expect(undo(change.id)).rejects.toMatchObject({ code: "not-undoable" });
  });

  test("that would change nothing, lacks its word, or names what does not exist is refused", async () => {
    await expect(apply("lock-down", { ...lock(), locked: false })).rejects.toMatchObject({ code: "no-change" });
    await expect(apply("lock-down", lock(), { confirmation: "other" })).rejects.toMatchObject({
      code: "confirmation-needed",
    });
    await expect(apply("lock-down", lock("nosuch"))).rejects.toMatchObject({ code: "blocked-by-findings" });
    await expect(apply("lock-down", lock(), { confirmation: "web-api", etag: "old" })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  test("of another team's namespace is refused and on record; of one's own it is not", async () => {
    audited.splice(0);
    const refused = apply(
      "let-a-caller-in",
      allow({ namespace: "recommendation", name: "recommendation" }, "web-api"),
      { by: dana },
    );
    await expect(refused).rejects.toMatchObject({ code: "forbidden" });
    await expect(apply("lock-down", { ...lock(), scope: "mesh", namespaces: [] }, { by: dana })).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(audited.map(({ action, outcome, actor }) => `${actor?.id} ${action} ${outcome}`)).toEqual([
      "dana change-apply refused",
      "dana change-apply refused",
    ]);
    const own = await done(await apply("let-a-caller-in", allow(webApi, "recommendation"), { by: dana }));
    expect(own.state).toBe("verified");
    await done(await undo(own.id, dana));
  });

  test("composes with what is there, and only the newest of a target can be undone", async () => {
    const first = await done(await apply("let-a-caller-in", allow(webApi, "recommendation")));
    const twice = { ...allow(webApi, "recommendation"), ports: [80] };
    await expect(apply("let-a-caller-in", twice)).rejects.toMatchObject({ code: "no-change" });
    const second = await done(await apply("let-a-caller-in", { ...allow(webApi, "web-api") }));
    expect(await live("web-api-callers")).toMatchObject({
      spec: {
        rules: [{ from: [{ source: { serviceAccounts: ["recommendation/recommendation", "web-api/web-api"] } }] }],
      },
    });
    // Another caller of the same service is another target: each can be taken back on its own.
    await done(await undo(first.id));
    expect(await live("web-api-callers")).toMatchObject({
      spec: {
        rules: [
          { from: [{ source: { serviceAccounts: ["web-api/web-api"] } }], to: [{ operation: { ports: ["8080"] } }] },
        ],
      },
    });
    const third = await done(await apply("let-a-caller-in", { ...allow(webApi, "web-api"), allowed: false }));
    await expect(undo(second.id)).rejects.toMatchObject({ code: "not-undoable" });
    expect((await done(await undo(third.id))).state).toBe("verified");
    await done(await undo(second.id));
    expect(await live("web-api-callers")).toBeUndefined();
  });

  test("meets somebody else's edit with both versions, and overwrites it only when told to", async () => {
    await done(await apply("let-a-caller-in", allow(webApi, "recommendation")));
    await patch(resourcePath("AuthorizationPolicy", "web-api", "web-api-callers"), { spec: { action: "DENY" } });
    const edited = apply("let-a-caller-in", allow(webApi, "web-api"));
    await expect(edited).rejects.toMatchObject({
      code: "conflict",
      conflicts: [
        { expected: expect.stringContaining("action: ALLOW"), live: expect.stringContaining("action: DENY") },
      ],
    });
    const forced = await done(await apply("let-a-caller-in", allow(webApi, "web-api"), { force: true }));
    expect(forced.state).toBe("verified");
    expect(await live("web-api-callers")).toMatchObject({ spec: { action: "ALLOW" } });
  });

  test("that fails half-way leaves everything as it was", async () => {
    const before = await live("web-api-callers");
    let writes = 0;
    const failing = Object.create(cluster, {
      apply: {
        value: (...[object, options]: Parameters<Cluster["apply"]>) =>
          options?.dryRun !== true && ++writes === 2
            ? Promise.reject(new ClusterError("refused", 422, "not today"))
            : cluster.apply(object, options),
      },
    }) as Cluster;
    const through = new Changes({ ...deps, cluster: failing });
    const values = { ...lock(), namespaces: ["recommendation", "web-api"] };
    const change = await done(await apply("lock-down", values, { through, confirmation: "2 namespaces" }), through);
    expect(change).toMatchObject({ state: "failed", receipt: null, undoable: false });
    expect(change.failure).toContain("not today");
    expect(await live("deny-all")).toBeUndefined();
    expect(await live("deny-all", "recommendation")).toBeUndefined();
    expect(await live("web-api-callers")).toEqual(before);
    expect((await changes.intents()).has("lock-down/web-api")).toBe(false);
  });

  test("that was cut off by a crash is taken up at the next start", async () => {
    const hung = Object.create(cluster, {
      apply: {
        value: (...[object, options]: Parameters<Cluster["apply"]>) =>
          options?.dryRun === true ? cluster.apply(object, options) : new Promise(() => undefined),
      },
    }) as Cluster;
    const pool = createPool(database.url, silent);
    const crashed = new Changes({ ...deps, cluster: hung, pool });
    const summary = await apply("lock-down", lock("recommendation"), {
      through: crashed,
      confirmation: "recommendation",
    });
    expect(await live("deny-all", "recommendation")).toBeUndefined();
    // Meanwhile its namespace is taken.
    await expect(apply("lock-down", lock("recommendation"), { confirmation: "recommendation" })).rejects.toMatchObject({
      code: "change-in-progress",
    });

    // The crash: its connections end, and with them its locks.
    await database.pool.query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    const restarted = new Changes(deps);
    await restarted.resume();
    const change = await done(summary, restarted);
    expect(change.state).toBe("verified");
    expect(await live("deny-all", "recommendation")).toBeDefined();
  });

  test("survives an empty database: the resources tell what was filled in", async () => {
    const known = await changes.intents();
    expect(known.size).toBeGreaterThan(1);
    await database.db.intent.deleteMany();
    await new Changes(deps).resume();
    expect(await changes.intents()).toEqual(known);
  });
});
