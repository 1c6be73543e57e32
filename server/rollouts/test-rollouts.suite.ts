/** Releases over a real database and the real API server; the clock and what versions answer are the test's. */
import type { SignedIn } from "@/server/auth/signed-in.ts";
import { type Asker, Changes } from "@/server/changes/changes.ts";
import type { ChangeDeps } from "@/server/changes/deps.ts";
import { type Moment, Mortal } from "@/server/changes/mortal.suite.ts";
import { pat, silent } from "@/server/changes/test-changes.suite.ts";
import { resourcePath } from "@/server/cluster/kinds.ts";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import {
  actionRequest,
  owningStates,
  type RolloutAction,
  type RolloutDetails,
  type RolloutState,
  type Verdict,
} from "@/server/contracts/rollouts.ts";
import { noTraffic } from "@/server/golden-paths/insight.ts";
import type { Log } from "@/server/log.ts";
import { noCounts } from "./analysis/counts.ts";
import { createChain } from "./chain/chain.ts";
import type { MeasurePort, RolloutPorts } from "./ports.ts";
import { Rollouts } from "./rollouts.ts";
import { service, TestRelease } from "./traffic/test-release.suite.ts";
import { createTraffic } from "./traffic/traffic.ts";
import { createWebhooks } from "./webhooks/webhooks.ts";
import { createWorkloads } from "./workloads/workloads.ts";

export { service };
export const testSpec = (more: object = {}) =>
  rolloutSpec.parse({
    ...{ service, kind: "progressive", stable: "v1", canary: "v2" },
    steps: [{ weight: 10 }, { weight: 100 }],
    analysis: { interval: "10s", passes: 1, misses: 0 },
    ...more,
  });

export class TestRollouts {
  readonly world: TestRelease;
  readonly rollouts: Rollouts;
  /** What each interval says. */
  verdict: Verdict = "pass";
  canary = { requests: 0, errors: 0 };
  fresh = true;
  connected = true;
  #aheadMs = 0;

  private constructor(world: TestRelease) {
    this.world = world;
    this.rollouts = this.through(world.company.deps, world.company.changes);
  }

  static async start(): Promise<TestRollouts> {
    return new TestRollouts(await TestRelease.start());
  }

  close(): Promise<void> {
    return this.world.close();
  }

  get company(): TestRelease["company"] {
    return this.world.company;
  }

  now = (): number => Date.now() + this.#aheadMs;

  /** Another portal process; it may be mortal. */
  through(deps: ChangeDeps, changes: Changes, more: Partial<RolloutPorts> = {}, log: Log = silent): Rollouts {
    const { db, pool, cluster, inventory, telemetry, audit } = deps;
    const counted = (): typeof noCounts => ({ ...noCounts, ...this.canary });
    const measure: MeasurePort = {
      interval: (_service, _stable, _canary, fromUnixMs, toUnixMs) => ({
        ...{ fromUnixMs, toUnixMs },
        stable: noCounts,
        canary: counted(),
      }),
      counts: counted,
      freshUnixMs: () => (this.fresh ? this.now() : null),
    };
    const test = this;
    return new Rollouts({
      ...{ db, pool, audit, changes, inventory, telemetry, log, now: this.now, imageOf: () => "" },
      judge: () => ({ verdict: this.verdict, measures: [] }),
      ports: {
        traffic: createTraffic({ db, cluster, inventory, changes }),
        workloads: createWorkloads({ cluster, inventory }),
        measure,
        webhooks: createWebhooks({ allowLoopback: true }),
        chain: createChain({ inventory, telemetry, measure, gatewayUrl: "", insight: () => noTraffic }),
        mesh: {
          get connected() {
            return test.connected;
          },
        },
        ...more,
      },
    });
  }

  /** Another portal process beside the first. */
  another(): { rollouts: Rollouts; changes: Changes } {
    const changes = new Changes(this.company.deps);
    return { changes, rollouts: this.through(this.company.deps, changes) };
  }

  asker = (person: SignedIn = pat): Asker => ({ person, address: "127.0.0.1" });

  start(more: object = {}, through = this.rollouts, person: SignedIn = pat): Promise<RolloutDetails> {
    const request = { spec: testSpec(more), openedUnixMs: Date.now(), reason: "", etag: "" };
    return through.start(request, this.asker(person));
  }

  act(id: string, action: RolloutAction, more: object = {}, through = this.rollouts): Promise<RolloutDetails> {
    return through.act(id, action, actionRequest.parse(more), this.asker());
  }

  details(id: string): Promise<RolloutDetails> {
    return this.rollouts.details(id, pat);
  }

  /** One second of the leader. */
  async tick(through = this.rollouts, changes = this.company.changes, seconds = 1): Promise<void> {
    this.#aheadMs += seconds * 1_000;
    await through.tick();
    await through.settled();
    await changes.settled();
  }

  /** Ticks, eleven seconds apart, until it is so. */
  async until(
    is: (state: RolloutState, details: RolloutDetails) => boolean,
    id: string,
    through = this.rollouts,
    changes = this.company.changes,
  ): Promise<RolloutDetails> {
    for (let times = 0; times < 60; times++) {
      const details = await this.details(id);
      if (is(details.state, details)) {
        return details;
      }
      await this.tick(through, changes, 11);
    }
    const { state, events, hold } = await this.details(id);
    throw new Error(`it stays ${state} ${hold}: ${events.map(({ text }) => text).join(" | ")}`);
  }

  ended(id: string, through = this.rollouts, changes = this.company.changes): Promise<RolloutDetails> {
    return this.until(
      (state) => state !== "queued" && !owningStates.some((one) => one === state),
      id,
      through,
      changes,
    );
  }

  /** Percentage of the calls that the canary gets by the route; undefined without one. */
  async canaryShare(): Promise<number | undefined> {
    const rules = await this.world.weights();
    const shares = rules?.map((rule) => {
      const all = Object.values(rule).reduce((sum, weight) => sum + weight, 0);
      const own = Object.entries(rule).filter(([name]) => name.endsWith("-v2"));
      return Math.round((100 * own.reduce((sum, [, weight]) => sum + weight, 0)) / all);
    });
    return shares === undefined ? undefined : Math.max(...shares);
  }

  /** Two ready versions of another service. */
  async versionsOf({ namespace, name }: typeof service): Promise<void> {
    for (const version of ["v1", "v2"]) {
      const pod = `${name}-${version}-0`;
      const metadata = { name: pod, namespace, labels: { app: name, version } };
      await this.company.create("Pod", "v1", {
        metadata,
        spec: { nodeName: "node-a", containers: [{ name, image: "x" }] },
      });
      await this.company.connection.request({
        method: "PATCH",
        path: `${resourcePath("Pod", namespace, pod)}/status`,
        contentType: "application/merge-patch+json",
        body: { status: { phase: "Running", podIP: "10.1.0.8", conditions: [{ type: "Ready", status: "True" }] } },
      });
      await this.company.seen(() => this.company.cluster.get("Pod", namespace, pod)?.status?.podIP !== undefined);
    }
  }

  mortal(at: number | Moment): Mortal {
    return new Mortal(this.company.deps, this.company.database, at);
  }
}
