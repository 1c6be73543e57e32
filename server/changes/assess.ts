import { setImmediate as pause } from "node:timers/promises";
import type { Impact, ImpactWindow } from "@/server/contracts/golden-paths.ts";
import { assessInParts } from "@/server/impact/impact.ts";
import type { ImpactInput } from "@/server/impact/impact-input.ts";
import { inventoryAfter } from "@/server/impact/objects-after.ts";
import { rateLimitNotes } from "@/server/impact/rate-limits.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { observedShapes } from "@/server/telemetry/observed-shapes.ts";
import type { NodeRef } from "@/server/traffic/graph/node-ref.ts";
import { secondsOfService } from "@/server/traffic/seconds.ts";
import { namesOf, namesOfService } from "@/server/traffic/seen-names.ts";
import type { ChangeDeps } from "./deps.ts";
import { isUnchanged, type ResourceStep } from "./proposal.ts";

const impactSeconds = 3_600;

/** Longest time between two pauses, milliseconds. */
const sliceMs = 8;

/**
 * The impact of steps on the traffic of the window before `nowMs`. Big mesh or long window: other requests are served in
 * between. Rejects when the database cannot be read.
 */
export async function assessSteps(
  steps: readonly ResourceStep[],
  { inventory: live, telemetry, pool, config }: Pick<ChangeDeps, "inventory" | "telemetry" | "pool" | "config">,
  windowSeconds: ImpactWindow,
  nowMs: number,
): Promise<Impact> {
  const inventory = live.current;
  const { shapes, sinceUnixMs, notes } = await observedShapes(telemetry, pool, windowSeconds, nowMs);
  const states = statesOf(steps, inventory);
  const limits = rateLimitNotes(states.before, states.after, (service) =>
    secondsOfService(telemetry, inventory, service, nowMs),
  );
  const work = assessInParts({
    shapes,
    ...states,
    trustDomain: config.trustDomain,
    windowSeconds,
    observedSinceUnixMs: sinceUnixMs,
    headerShare: headerShareOf(telemetry, nowMs),
    notes: [...notes, ...limits],
  });
  let begun = performance.now();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) {
      return step.value;
    }
    if (performance.now() - begun > sliceMs) {
      await pause();
      begun = performance.now();
    }
  }
}

/** Before and after the steps, and which calls they could touch. */
export const statesOf = (
  steps: readonly ResourceStep[],
  inventory: Inventory,
): Pick<ImpactInput, "before" | "after" | "concerns"> => ({
  before: inventory,
  after: inventoryAfter(
    inventory,
    steps.filter((step) => !isUnchanged(step)),
  ),
  concerns: concernsOf(steps),
});

/** Share of a service's requests that carried a header in the last hour. */
export function headerShareOf(telemetry: TelemetryMemory, nowMs: number): NonNullable<ImpactInput["headerShare"]> {
  let names: ReturnType<typeof namesOf> | undefined;
  return (service, header) => {
    names ??= namesOf(telemetry, nowMs - impactSeconds * 1_000, nowMs + 1_000);
    const { sampled, headers } = namesOfService(names, service);
    return sampled === 0 ? undefined : (headers.find(({ name }) => name === header)?.share ?? 0);
  };
}

/**
 * A rule acts on who is called in its namespace (all of them from the root namespace), a route on its gateways too,
 * joining on both ends.
 */
function concernsOf(steps: readonly ResourceStep[]): (from: NodeRef, to: NodeRef) => boolean {
  const joined = new Set(steps.flatMap(({ ref }) => (ref.kind === "Namespace" ? [ref.name] : [])));
  const ruled = new Set(
    steps.flatMap((step) => (step.ref.kind === "Namespace" ? [] : [step.ref.namespace, ...parentNamespaces(step)])),
  );
  return (from, to) =>
    ruled.has(rootNamespace) || ruled.has(to.namespace) || joined.has(to.namespace) || joined.has(from.namespace);
}

const parentNamespaces = ({ before, after }: ResourceStep): string[] =>
  [before, after].flatMap((one) => {
    const { parentRefs = [] } = (one?.spec ?? {}) as {
      readonly parentRefs?: readonly { readonly namespace?: string }[];
    };
    return parentRefs.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace]));
  });
