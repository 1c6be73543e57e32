/** Changes over a real database and the real API server, with a stand-in for control plane and proxies. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { ProxyStatus } from "@/mesh-runtime/api/telemetry.ts";
import { type AuditEntry, appendAudit } from "@/server/audit/audit-log.ts";
import type { SignedIn } from "@/server/auth/signed-in.ts";
import { type Cluster, openCluster } from "@/server/cluster/cluster.ts";
import { ClusterConnection } from "@/server/cluster/connection.ts";
import { ClusterError } from "@/server/cluster/errors.ts";
import { resourcePath, type WatchedKind } from "@/server/cluster/kinds.ts";
import { startTestApiServer } from "@/server/cluster/test-api-server.suite.ts";
import type { PortalConfig } from "@/server/config.ts";
import type { ChangeDetails, ChangeSummary } from "@/server/contracts/changes.ts";
import { type PathFormValues, pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { ApplyRequest } from "@/server/contracts/golden-paths.ts";
import { startTestDatabase, type TestDatabase } from "@/server/db/test-database.suite.ts";
import { PortalError } from "@/server/errors.ts";
import { noTraffic } from "@/server/golden-paths/insight.ts";
import { LiveInventory } from "@/server/inventory/live-inventory.ts";
import { createLog } from "@/server/log.ts";
import { replayHere } from "@/server/replay/replay-here.suite.ts";
import { seedPeople } from "@/server/seed/people.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { Changes } from "./changes.ts";
import type { ChangeDeps } from "./deps.ts";

export const silent = { ...createLog("test"), info() {}, warn() {}, error() {} };

const signedIn = (id: string, roles: SignedIn["roles"], teams: Readonly<Record<string, string[]>> = {}): SignedIn => ({
  id,
  name: id,
  initials: id.slice(0, 2),
  persona: "none",
  roles,
  teams: Object.entries(teams).map(([name, namespaces]) => ({ name, title: name, namespaces })),
  sessionEndsUnixMs: 0,
});

/** Pat and Dana are the tour's; the others are of this company only. */
export const pat = signedIn("pat", ["platform"], { platform: ["istio-ingress", "istio-system", "default"] });
export const dana = signedIn("dana", ["developer"], { "web-api": ["web-api"] });
export const rita = signedIn("rita", ["developer"], { recommendation: ["recommendation"] });
export const peter = signedIn("peter", ["developer"], { "purchase-history": ["purchase-history"] });
/** A developer of a team who is a platform engineer too. */
export const otto = signedIn("otto", ["developer", "platform"], { recommendation: ["recommendation"] });
export const vic = signedIn("vic", ["viewer"]);
export const alex = signedIn("alex", ["auditor"]);

/** Kinds of which control plane and proxies say that they are in force. */
const policies = ["AuthorizationPolicy", "PeerAuthentication", "Gateway"] as const;
const routes = ["HTTPRoute", "VirtualService", "DestinationRule"] as const;

export class TestChanges {
  readonly database: TestDatabase;
  readonly connection: ClusterConnection;
  readonly cluster: Cluster;
  readonly deps: ChangeDeps;
  readonly changes: Changes;
  readonly audited: AuditEntry[] = [];
  readonly telemetry = new TelemetryMemory();
  readonly #closers: (() => unknown)[];

  private constructor(
    database: TestDatabase,
    connection: ClusterConnection,
    cluster: Cluster,
    closers: (() => unknown)[],
  ) {
    this.database = database;
    this.connection = connection;
    this.cluster = cluster;
    this.#closers = closers;
    this.deps = {
      config: { target: "embedded", trustDomain: "cluster.local" } as PortalConfig,
      db: database.db,
      pool: database.pool,
      cluster,
      inventory: new LiveInventory(cluster),
      telemetry: this.telemetry,
      replay: replayHere(database.pool, this.telemetry),
      // Nobody calls.
      drainMs: 0,
      log: silent,
      insight: () => noTraffic,
      probe: async ({ sentence }) => {
        throw new Error(`nobody expected the request ${sentence}`);
      },
      audit: async (entry, within) => {
        await appendAudit(within ?? database.db, entry);
        this.audited.push(entry);
      },
    };
    this.changes = new Changes(this.deps);
  }

  /** `routes`: proxies acknowledge routes too; who tests them apart does that by itself. */
  static async start(more: { readonly routes?: boolean } = {}): Promise<TestChanges> {
    const [api, database] = await Promise.all([startTestApiServer(), startTestDatabase()]);
    await seedPeople(database.db);
    for (const { id, name, initials, roles, teams } of [rita, peter, otto, vic]) {
      await database.db.user.create({
        data: {
          ...{ id, name, initials },
          roles: {
            create: roles.filter((role) => role !== "developer" && role !== "viewer").map((role) => ({ role })),
          },
          memberships: { create: teams.map((team) => ({ teamName: team.name })) },
        },
      });
    }
    const connection = await ClusterConnection.open(api.kubeconfig);
    const cluster = await openCluster(api.kubeconfig, silent);
    const test = new TestChanges(database, connection, cluster, [
      () => cluster.close(),
      () => connection.close(),
      () => api.close(),
      () => database.close(),
    ]);
    for (const name of ["web-api", "recommendation", "purchase-history", "istio-ingress", "istio-system"]) {
      await test.create("Namespace", "v1", { metadata: { name } });
    }
    for (const name of ["web-api", "recommendation", "purchase-history"]) {
      await test.create("ServiceAccount", "v1", { metadata: { name, namespace: name } });
      await test.create("Service", "v1", {
        metadata: { name, namespace: name },
        spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
      });
    }
    await cluster.synced;
    test.#acknowledge(more.routes === true ? [...policies, ...routes] : policies);
    return test;
  }

  async close(): Promise<void> {
    await this.changes.settled();
    for (const close of this.#closers) {
      await close();
    }
  }

  /** The same over other parts, e.g. a cluster that fails. */
  through(more: Partial<ChangeDeps>): Changes {
    return new Changes({ ...this.deps, ...more });
  }

  /** Also when it is there already. */
  async create(
    kind: WatchedKind,
    apiVersion: string,
    object: { readonly metadata: { readonly name: string; readonly namespace?: string }; readonly spec?: unknown },
  ): Promise<void> {
    const path = resourcePath(kind, object.metadata.namespace ?? "");
    await this.connection
      .request({ method: "POST", path, body: { apiVersion, kind, ...object } })
      .catch((error: unknown) => {
        if (!(error instanceof ClusterError && error.code === "conflict")) {
          throw error;
        }
      });
  }

  /** What somebody does with kubectl. */
  /** Comes back when the portal's copy has the edit. */
  async patch(kind: WatchedKind, namespace: string, name: string, body: object): Promise<void> {
    const answer = await this.connection.request({
      method: "PATCH",
      path: `${resourcePath(kind, namespace, name)}?fieldManager=kubectl-edit`,
      body,
      contentType: "application/merge-patch+json",
    });
    const versionOf = (object: KubeObject | undefined): number => Number(object?.metadata?.resourceVersion ?? 0);
    const written = versionOf(answer.body as KubeObject);
    await this.seen(() => versionOf(this.cluster.get(kind, namespace, name)) >= written);
  }

  policy(name: string, namespace = "web-api"): ReturnType<Cluster["read"]> {
    return this.cluster.read({ apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", namespace, name });
  }

  async apply<S extends PathSlug>(
    slug: S,
    values: PathFormValues[S],
    more: Partial<ApplyRequest> & { by?: SignedIn; through?: Changes } = {},
  ): Promise<ChangeSummary> {
    const { by = pat, through = this.changes, ...request } = more;
    const { etag } = await through.preview(slug, values, by);
    const form = { values, etag, openedUnixMs: Date.now() - 4_000, confirmation: "", reason: "", force: false };
    return through.apply(slug, values, { ...form, ...request }, { person: by, address: "127.0.0.1" });
  }

  async done({ id }: Pick<ChangeSummary, "id">, through = this.changes): Promise<ChangeDetails> {
    await through.settled();
    return through.details(id, pat);
  }

  /** `force`: over others' edits, as the conflict shows them. */
  async undo(id: string, by = pat, force = false): Promise<ChangeSummary> {
    const request = { openedUnixMs: Date.now(), reason: "" };
    const asker = { person: by, address: "" };
    const first = this.changes.undo(id, { ...request, force: false }, asker);
    return force
      ? first.catch((error: unknown) =>
          this.changes.undo(id, { ...request, force, etag: error instanceof PortalError ? error.etag : "" }, asker),
        )
      : first;
  }

  /** Waits until the live copy is as wanted. */
  async seen(wanted: () => boolean): Promise<void> {
    while (!wanted()) {
      const moved = Promise.withResolvers<void>();
      const unsubscribe = this.cluster.onChange(() => moved.resolve());
      if (!wanted()) {
        await moved.promise;
      }
      unsubscribe();
    }
  }

  /** Acknowledges every policy, makes Gateways ready and binds Services, as control plane and proxies do. */
  #acknowledge(kinds: readonly ((typeof policies)[number] | (typeof routes)[number])[]): void {
    const told = new Map<string, string>();
    const status = { proxy: "ztunnel~node-a", kind: "agent", xdsConnected: true };
    this.telemetry.proxies.set("ztunnel~node-a", {
      ...(status as ProxyStatus),
      // It always has just applied what there is.
      get lastAppliedUnixMs() {
        return Date.now();
      },
      get seenUnixMs() {
        return Date.now();
      },
    });
    const look = (): void => {
      const condition = (type: string, generation: number) => ({
        type,
        status: "True",
        reason: "AllProxiesInSync",
        message: "enforced on 2 of 2 proxies after 7 ms",
        observedGeneration: generation,
        lastTransitionTime: new Date().toISOString(),
      });
      for (const kind of kinds) {
        for (const { metadata, spec } of this.cluster.list(kind)) {
          const { namespace = "", name = "", generation = 0 } = metadata ?? {};
          const key = `${kind} ${namespace}/${name}`;
          const version = `${metadata?.uid} ${generation}`;
          if (told.get(key) !== version) {
            told.set(key, version);
            const enforced = condition("towpath.dev/Enforced", generation);
            // Istio's own kinds carry the generation as text, routes what is said by each of their parents.
            const conditions =
              kind === "Gateway"
                ? [condition("Programmed", generation), enforced]
                : kind === "HTTPRoute"
                  ? [enforced]
                  : [{ ...enforced, observedGeneration: String(generation) }];
            const { parentRefs = [] } = (spec ?? {}) as { readonly parentRefs?: readonly object[] };
            const parents = parentRefs.map((parentRef) => ({
              parentRef,
              controllerName: "istio.io/gateway-controller",
              conditions,
            }));
            this.#tell(kind, namespace, name, kind === "HTTPRoute" ? { parents } : { conditions });
          }
        }
      }
      for (const { metadata } of this.cluster.list("Service")) {
        const { namespace = "", name = "" } = metadata ?? {};
        const waypoint = this.cluster.get("Namespace", "", namespace)?.metadata?.labels?.["istio.io/use-waypoint"];
        const key = `Service ${namespace}/${name}`;
        if ((told.get(key) ?? "") !== (waypoint ?? "")) {
          told.set(key, waypoint ?? "");
          this.#tell("Service", namespace, name, {
            conditions: waypoint === undefined ? [] : [condition("istio.io/WaypointBound", 1)],
          });
        }
      }
    };
    this.cluster.onChange(look);
    look();
  }

  #tell(kind: WatchedKind, namespace: string, name: string, status: object): void {
    this.connection
      .request({
        method: "PATCH",
        path: `${resourcePath(kind, namespace, name)}/status`,
        body: { status },
        contentType: "application/merge-patch+json",
      })
      .catch(() => undefined);
  }
}

const serviceOf = (name: string) => ({ namespace: name, name });

export const lock = (namespace = "web-api"): PathFormValues["lock-down"] => ({
  scope: "namespaces",
  namespaces: [namespace],
  locked: true,
  keepGatewaysOpen: true,
});
export const allow = (to: string, from: string, until: number | null = null): PathFormValues["let-a-caller-in"] =>
  pathForms["let-a-caller-in"].parse({
    service: serviceOf(to),
    callers: [{ kind: "identity", namespace: from, serviceAccount: from }],
    ports: [80],
    until,
  });
export const giveWaypoint = (namespace: string, given = true): PathFormValues["give-a-waypoint"] => ({
  namespaces: [namespace],
  replicas: 1,
  given,
});
