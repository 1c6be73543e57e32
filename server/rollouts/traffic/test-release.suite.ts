/** Releases' shares over a real database and the real API server; proxies acknowledge routes at once. */
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { Changes } from "@/server/changes/changes.ts";
import { pat, TestChanges } from "@/server/changes/test-changes.suite.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import { resourcePath } from "@/server/cluster/kinds.ts";
import { type RolloutSpec, rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { toJson } from "@/server/db/client.ts";
import type { Owner, Placement, Shares, TrafficPort } from "../ports.ts";
import { purchaseHistoryPods } from "./test-versions.suite.ts";
import { createTraffic } from "./traffic.ts";

export const service = { namespace: "purchase-history", name: "purchase-history" };

export const shares = (weight: number, more: Partial<Shares> = {}): Shares => ({
  ...{ stable: "v1", canary: "v2", weight, match: [], mirror: 0, sticky: null, round: 0, preview: null },
  ...more,
});
export const allToStable = shares(0, { canary: null });

const spec: RolloutSpec = rolloutSpec.parse({
  ...{ service, kind: "weighted", stable: "v1", canary: "v2" },
  steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }],
});

interface Weighted {
  readonly spec?: {
    readonly rules?: readonly {
      readonly backendRefs?: readonly { readonly name: string; readonly weight?: number }[];
    }[];
  };
}

export class TestRelease {
  readonly company: TestChanges;
  readonly traffic: TrafficPort;
  #acknowledging = true;

  private constructor(company: TestChanges) {
    this.company = company;
    this.traffic = this.trafficThrough(company.changes);
  }

  static async start(): Promise<TestRelease> {
    const test = new TestRelease(await TestChanges.start());
    await purchaseHistoryPods(test.company);
    test.#acknowledge();
    return test;
  }

  close(): Promise<void> {
    return this.company.close();
  }

  trafficThrough(changes: Changes, cluster: Cluster = this.company.cluster): TrafficPort {
    const { db, inventory } = this.company.deps;
    return createTraffic({ db, cluster, inventory, changes });
  }

  /** A release on record; the former one has ended. */
  async begin(by: SignedIn = pat, more: Partial<RolloutSpec> = {}): Promise<Owner> {
    const { db } = this.company.database;
    await db.rollout.updateMany({ data: { state: "completed" } });
    const { id } = await db.rollout.create({
      data: {
        namespace: service.namespace,
        service: service.name,
        spec: toJson({ ...spec, ...more }),
        state: "running",
        machine: {},
        startedById: by.id,
        openedAt: new Date(),
      },
    });
    return { rolloutId: id, service, by: by.id, reason: "step" };
  }

  /** Until it is placed, or does not come by itself. */
  async placed(
    owner: Owner,
    wanted: Shares,
    traffic = this.traffic,
    lives: () => boolean = () => true,
  ): Promise<Placement> {
    for (;;) {
      const placement = await traffic.place(owner, wanted);
      if (placement.state !== "moving" || !lives()) {
        return placement;
      }
      await this.company.changes.settled();
    }
  }

  /** Weight of each Service in the route as the server has it, rule by rule. */
  async weights(): Promise<Record<string, number>[] | undefined> {
    const route = (await this.company.cluster.read({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      ...service,
    })) as Weighted | undefined;
    return route?.spec?.rules?.map(({ backendRefs = [] }) =>
      Object.fromEntries(backendRefs.map(({ name, weight = 1 }) => [name, weight])),
    );
  }

  /** Proxies say nothing from now on, or speak again. */
  set acknowledging(on: boolean) {
    this.#acknowledging = on;
    this.#look();
  }

  readonly #told = new Map<string, string>();

  #acknowledge(): void {
    this.company.cluster.onChange(() => this.#look());
    this.#look();
  }

  #look(): void {
    if (!this.#acknowledging) {
      return;
    }
    for (const kind of ["HTTPRoute", "VirtualService", "DestinationRule"] as const) {
      for (const object of this.company.cluster.list(kind) as readonly KubeObject[]) {
        const { namespace = "", name = "", generation = 0, uid } = object.metadata ?? {};
        const version = `${uid} ${generation}`;
        if (this.#told.get(`${kind} ${namespace}/${name}`) !== version) {
          this.#told.set(`${kind} ${namespace}/${name}`, version);
          this.#tell(`${resourcePath(kind, namespace, name)}/status`, kind, name, generation);
        }
      }
    }
  }

  #tell(path: string, kind: string, name: string, generation: number): void {
    const conditions = [
      {
        type: "towpath.dev/Enforced",
        status: "True",
        reason: "AllProxiesInSync",
        message: "enforced on 2 of 2 proxies after 7 ms",
        observedGeneration: kind === "HTTPRoute" ? generation : String(generation),
        lastTransitionTime: new Date().toISOString(),
      },
    ];
    const parentRef = { group: "", kind: "Service", name };
    const status =
      kind === "HTTPRoute"
        ? { parents: [{ parentRef, controllerName: "istio.io/mesh-controller", conditions }] }
        : { conditions };
    this.company.connection
      .request({ method: "PATCH", path, body: { status }, contentType: "application/merge-patch+json" })
      .catch(() => undefined);
  }
}
