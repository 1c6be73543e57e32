/** Shares of purchase-history in the demo's company, written as a release does, and who answers its callers. */
import type { Owner, Placement, Shares, TrafficPort } from "../server/rollouts/ports.ts";
import { createTraffic } from "../server/rollouts/traffic/traffic.ts";
import { root } from "../supervisor/config.ts";
import type { Company } from "./company.ts";
import { runInPod } from "./pod-session.ts";
import type { PortalChanges } from "./portal-changes.ts";

export const service = { namespace: "purchase-history", name: "purchase-history" };
const url = "http://purchase-history.purchase-history:8080/";

export const shares = (weight: number, more: Partial<Shares> = {}): Shares => ({
  ...{ stable: "v1", canary: "v2", weight, match: [], mirror: 0, sticky: null, round: 0, preview: null },
  ...more,
});
export const allToStable = shares(0, { canary: null });

export interface Answered {
  readonly atUnixMs: number;
  /** 0: no answer. */
  readonly status: number;
  readonly version: string;
}

export class ReleaseTraffic {
  readonly traffic: TrafficPort;
  readonly #company: Company;
  readonly #portal: PortalChanges;

  constructor(company: Company, portal: PortalChanges) {
    this.#company = company;
    this.#portal = portal;
    this.traffic = createTraffic({ ...portal.deps, changes: portal.changes });
  }

  /** A release on record. */
  async begin(): Promise<Owner> {
    const { db } = this.#portal.deps;
    const kind = "weighted";
    const { id } = await db.rollout.create({
      data: {
        namespace: service.namespace,
        service: service.name,
        spec: { service, kind, stable: "v1", canary: "v2", steps: [{ weight: 10 }] },
        state: "running",
        machine: {},
        startedById: "pat",
        openedAt: new Date(),
      },
    });
    return { rolloutId: id, service, by: "pat", reason: "step" };
  }

  /** Until every proxy has confirmed them; throws when they do not come by themselves. */
  async place(owner: Owner, wanted: Shares): Promise<void> {
    for (;;) {
      const placement: Placement = await this.traffic.place(owner, wanted);
      if (placement.state === "placed") {
        return;
      }
      if (placement.state !== "moving") {
        throw new Error(JSON.stringify(placement));
      }
      await new Promise(setImmediate);
    }
  }

  /** Calls from inside `sleep`. */
  async answers(...flags: string[]): Promise<Answered[]> {
    const [pod] = await this.#company.pods("default", "sleep");
    const at = { namespace: "default", name: pod?.metadata?.name ?? "" };
    const command = ["node", `${root}/scenarios/version-load.ts`, "--url", url, ...flags];
    const { stdout, stderr } = await runInPod(this.#company.mesh.kubeconfig, at, command);
    if (!stdout.startsWith("{")) {
      throw new Error(stderr || "no answers");
    }
    const { answers } = JSON.parse(stdout) as { readonly answers: [number, number, string][] };
    return answers.map(([atUnixMs, status, version]) => ({ atUnixMs, status, version }));
  }
}
