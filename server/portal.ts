/** Composition root of the portal's back end: everything long-lived is made here and handed down. */
import { mkdir } from "node:fs/promises";
import { type AuditEntry, appendAudit } from "@/server/audit/audit-log.ts";
import { SessionCache } from "@/server/auth/session-cache.ts";
import { forgetExpired } from "@/server/auth/sessions.ts";
import { Changes } from "@/server/changes/changes.ts";
import { type Cluster, openCluster } from "@/server/cluster/cluster.ts";
import type { PortalConfig } from "@/server/config.ts";
import { leadOne } from "@/server/db/advisory-lock.ts";
import { createDatabase, type Database, type Transaction } from "@/server/db/client.ts";
import { migrate } from "@/server/db/migrate.ts";
import { createPool, type Pool } from "@/server/db/pool.ts";
import { LiveInventory } from "@/server/inventory/live-inventory.ts";
import { createLog, type Log } from "@/server/log.ts";
import { sendProbe } from "@/server/probes/send-probe.ts";
import { ReplayThread } from "@/server/replay/replay-thread.ts";
import { judge } from "@/server/rollouts/analysis/judge.ts";
import { createChain } from "@/server/rollouts/chain/chain.ts";
import { Measures } from "@/server/rollouts/measure/measures.ts";
import { Rollouts } from "@/server/rollouts/rollouts.ts";
import { createTraffic } from "@/server/rollouts/traffic/traffic.ts";
import { createWebhooks } from "@/server/rollouts/webhooks/webhooks.ts";
import { createWorkloads } from "@/server/rollouts/workloads/workloads.ts";
import { seedPeople } from "@/server/seed/people.ts";
import { Ownership } from "@/server/teams/ownership.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { Reporters } from "@/server/telemetry/proxy-identity.ts";
import { reload, writeHour, writeMinutes } from "@/server/telemetry/rollup.ts";
import { Insights } from "@/server/traffic/insight.ts";
import { Traffic } from "@/server/traffic/traffic.ts";

const rollupEveryMs = 10_000;
const upkeepEveryMs = 5_000;
const releasesEveryMs = 1_000;
const hourlyEveryMs = 5 * 60_000;

/** What route handlers and pages work with. */
export interface Portal {
  readonly config: PortalConfig;
  readonly log: Log;
  readonly db: Database;
  readonly pool: Pool;
  readonly cluster: Cluster;
  readonly inventory: LiveInventory;
  readonly telemetry: TelemetryMemory;
  readonly reporters: Reporters;
  readonly ownership: Ownership;
  readonly traffic: Traffic;
  readonly changes: Changes;
  readonly rollouts: Rollouts;
  readonly sessions: SessionCache;
  /** `within`: the transaction that it is a part of. */
  audit(entry: AuditEntry, within?: Transaction): Promise<void>;
  close(): Promise<void>;
}

/** Starts everything. The cluster may still be listing when this comes back: see `cluster.synced`. */
export async function openPortal(config: PortalConfig): Promise<Portal> {
  const log = createLog("server");
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const pool = createPool(config.databaseUrl, log);
  const db = createDatabase(pool);
  const [cluster] = await Promise.all([
    openCluster(config.kubeconfig, createLog("cluster")),
    migrate(pool, config.migrationsDir, log).then(() => seedPeople(db)),
  ]);
  const telemetry = new TelemetryMemory();
  const inventory = new LiveInventory(cluster);
  const ownership = new Ownership(db);
  await Promise.all([reload(pool, telemetry, Date.now(), log), ownership.refresh()]);
  const replay = new ReplayThread({
    databaseUrl: config.databaseUrl,
    trustDomain: config.trustDomain,
    telemetry,
    log: createLog("replay"),
  });
  const traffic = new Traffic(telemetry, inventory, ownership);
  const audit = (entry: AuditEntry, within: Database | Transaction = db): Promise<void> =>
    appendAudit(within, entry).catch((error: unknown) => {
      log.error("cannot write an audit record", { action: entry.action, error: String(error) });
      throw error;
    });
  const insights = new Insights(telemetry, inventory);
  const changes = new Changes({
    config,
    db,
    pool,
    cluster,
    inventory,
    telemetry,
    replay,
    audit,
    insight: () => insights.current(),
    probe: (probe, touched) =>
      sendProbe(probe, touched, { cluster, inventory, gatewayUrl: config.gatewayUrl, denials: telemetry.denials }),
    log: createLog("changes"),
  });
  const measure = new Measures(telemetry, inventory);
  const rollouts = new Rollouts({
    ...{ db, pool, audit, changes, inventory, telemetry, judge },
    log: createLog("rollouts"),
    now: Date.now,
    imageOf: (namespace, pod) => imageOf(cluster, namespace, pod),
    ports: {
      traffic: createTraffic({ db, cluster, inventory, changes }),
      workloads: createWorkloads({ cluster, inventory }),
      measure,
      webhooks: createWebhooks({ allowLoopback: config.target === "embedded" }),
      chain: createChain({
        ...{ inventory, telemetry, measure, gatewayUrl: config.gatewayUrl },
        insight: () => insights.current(),
      }),
      mesh: cluster,
    },
  });

  // Before all is listed, what is missing says nothing.
  let listed = false;
  cluster.synced.then(
    () => {
      listed = true;
    },
    () => undefined,
  );
  const leadership = leadOne(
    pool,
    "towpath-background",
    () => {
      rollouts.begin();
      cluster.synced
        .then(() => changes.resume())
        .catch((error: unknown) => log.error("resume", { error: String(error) }));
    },
    log,
  );
  const timers = [
    every(rollupEveryMs, log, async () => {
      telemetry.compact(Date.now());
      await writeMinutes(pool, telemetry, Date.now());
    }),
    every(upkeepEveryMs, log, async () => {
      if (leadership.leading && cluster.connected) {
        await changes.upkeep(Date.now());
      }
    }),
    every(releasesEveryMs, log, async () => {
      if (leadership.leading && listed) {
        await rollouts.tick();
      }
    }),
    every(hourlyEveryMs, log, async () => {
      if (leadership.leading) {
        await writeHour(pool, Date.now());
        await forgetExpired(db, new Date());
      }
    }),
  ];
  return {
    config,
    log,
    db,
    pool,
    cluster,
    inventory,
    telemetry,
    reporters: new Reporters(cluster),
    ownership,
    traffic,
    changes,
    rollouts,
    sessions: new SessionCache(db),
    audit,
    async close() {
      for (const timer of timers) {
        clearInterval(timer);
      }
      await replay.close();
      cluster.close();
      await writeMinutes(pool, telemetry, Date.now()).catch(() => undefined);
      await leadership.close();
      await pool.end();
    },
  };
}

function every(ms: number, log: Log, work: () => Promise<void>): NodeJS.Timeout {
  let running = false;
  return setInterval(() => {
    if (!running) {
      running = true;
      work()
        .catch((error: unknown) => log.warn("background work failed", { error: String(error) }))
        .finally(() => {
          running = false;
        });
    }
  }, ms);
}

function imageOf(cluster: Cluster, namespace: string, name: string): string {
  const { containers } = (cluster.get("Pod", namespace, name)?.spec ?? {}) as {
    readonly containers?: readonly { readonly image?: string }[];
  };
  return containers?.[0]?.image ?? "";
}
