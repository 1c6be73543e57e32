/** What the form of a release knows. */
import type { RolloutOptions } from "@/server/contracts/rollouts.ts";
import { owningStates } from "@/server/contracts/rollouts.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { quantileMs } from "@/server/telemetry/records.ts";
import { addCounts, noCounts } from "./analysis/counts.ts";
import { successOf } from "./analysis/success-measures.ts";
import type { DriverDeps } from "./driver/deps.ts";
import { nowOf } from "./figures.ts";

const lastMs = 60_000;
const lateMs = 3_000;

/** Services with versions, and those that could have; one of them when it is named. */
export async function optionsOf(
  wanted: { readonly namespace?: string; readonly name?: string },
  inventory: Inventory,
  images: (namespace: string, pod: string) => string,
  deps: Pick<DriverDeps, "db" | "ports" | "now">,
): Promise<RolloutOptions> {
  const running = await deps.db.rollout.findMany({
    where: { state: { in: [...owningStates] } },
    select: { id: true, number: true, namespace: true, service: true, spec: true },
  });
  const services = inventory.services.filter(
    ({ kind, namespace, name }) =>
      kind === "service" &&
      (wanted.namespace === undefined || wanted.namespace === namespace) &&
      (wanted.name === undefined || wanted.name === name),
  );
  return {
    services: await Promise.all(
      services.map(async (service) => {
        const { namespace, name } = service;
        const owner = running.find((row) => row.namespace === namespace && row.service === name);
        const shares = await deps.ports.traffic.inForce({ namespace, name });
        return {
          service: { namespace, name },
          applicable: service.enrolment.captured > 0 && service.pods.some(({ version }) => version !== ""),
          ...figuresOf(service, images, deps),
          stable: shares?.stable ?? null,
          running:
            owner === undefined
              ? null
              : { id: owner.id, number: owner.number, title: `Release ${owner.number} of ${name}` },
        };
      }),
    ),
    gateways: inventory.gateways
      .filter(({ className }) => !className.includes("waypoint"))
      .map(({ namespace, name }) => ({ namespace, name })),
  };
}

function figuresOf(
  { namespace, name, pods }: InventoryService,
  images: (namespace: string, pod: string) => string,
  { ports, now }: Pick<DriverDeps, "ports" | "now">,
): Pick<RolloutOptions["services"][number], "versions" | "rps" | "p95Ms" | "p99Ms" | "success"> {
  const to = now() - lateMs;
  const names = [...new Set(pods.map(({ version }) => version))].filter((version) => version !== "").sort();
  const all = names
    .map((version) => ports.measure.counts({ namespace, name }, version, to - lastMs, to))
    .reduce(addCounts, noCounts);
  return {
    versions: names.map((version) => {
      const own = pods.filter((pod) => pod.version === version);
      return {
        version,
        pods: own.length,
        readyPods: own.filter(({ ready }) => ready).length,
        image: own[0] === undefined ? "" : images(namespace, own[0].name),
        rps: nowOf({ namespace, name }, version, ports.measure, now()).rps,
      };
    }),
    rps: Math.round((all.requests / (lastMs / 1_000)) * 100) / 100,
    p95Ms: quantileMs(all.buckets, 0.95),
    p99Ms: quantileMs(all.buckets, 0.99),
    success: successOf(all),
  };
}
