/** What proxies saw of requests that were sent to find out. Pure. */
import type { Span } from "@/mesh-runtime/api/telemetry.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";

/** At the waypoint of a service over some time. */
export interface SeenThere {
  /** Requests, by version that answered. */
  readonly byVersion: ReadonlyMap<string, number>;
  readonly requests: number;
  /** Requests of which the names of headers were looked at, and those of them with the name. */
  readonly looked: number;
  readonly withName: number;
}

/** Every count of one service, between two times in milliseconds. */
export function seenAt(
  memory: Pick<TelemetryMemory, "requests" | "names">,
  { namespace, name }: ServiceRef,
  header: string,
  fromMs: number,
  toMs: number,
): SeenThere {
  const byVersion = new Map<string, number>();
  memory.requests.each(fromMs, toMs, ({ labels }, { count }) => {
    if (
      labels.reporter === "waypoint" &&
      labels.destination_service_name === name &&
      labels.destination_service_namespace === namespace
    ) {
      const { destination_version: version } = labels;
      byVersion.set(version, (byVersion.get(version) ?? 0) + count);
    }
  });
  let looked = 0;
  let withName = 0;
  memory.names.each(fromMs, toMs, (identity, { count }) => {
    if (identity.service === name && identity.serviceNamespace === namespace) {
      looked += identity.kind === "requests" ? count : 0;
      withName += identity.kind === "header" && identity.name === header ? count : 0;
    }
  });
  const requests = [...byVersion.values()].reduce((sum, count) => sum + count, 0);
  return { byVersion, requests, looked, withName };
}

/** Chance of overlooking something below which it is taken for absent. */
const overlooked = 0.01;
/** Not every request from outside needs a call here, but those that came must stand out from the others. */
const arrived = (now: SeenThere, before: SeenThere, sent: number): boolean =>
  now.requests - before.requests >= sent / 2;

/** Whether the header came with them. `before`: as long a time before anything was sent. */
export function receivedBy(now: SeenThere, before: SeenThere, sent: number): boolean | null {
  if (!arrived(now, before, sent)) {
    return null;
  }
  if (now.withName > 0) {
    // Others send it as well: whose it was cannot be told.
    return before.withName > 0 ? null : true;
  }
  const share = Math.min(1, (now.requests - before.requests) / now.requests);
  const chance = now.looked >= now.requests ? 0 : (1 - share) ** now.looked;
  return now.looked > 0 && chance < overlooked ? false : null;
}

/** Who answered them: by how the shares of the versions moved away from what they were. */
export function answeredBy(now: SeenThere, before: SeenThere, sent: number, canary: string): "canary" | "other" | null {
  if (!arrived(now, before, sent)) {
    return null;
  }
  const canaries = now.byVersion.get(canary) ?? 0;
  const canariesBefore = before.byVersion.get(canary) ?? 0;
  const usual = before.requests === 0 ? 0 : canariesBefore / before.requests;
  const more = (canaries - canariesBefore) / (now.requests - before.requests);
  const middle = (1 + usual) / 2;
  const unsure = (1 - usual) / 5;
  return unsure < 0.1 || Math.abs(more - middle) < unsure ? null : more > middle ? "canary" : "other";
}

/** Who answered by the spans of a trace; null when they do not tell. */
export function answeredByTrace(
  spans: readonly Span[],
  { namespace, name }: ServiceRef,
  canary: string,
  inventory: Inventory,
): "canary" | "other" | null {
  const service = inventory.services.find((one) => one.namespace === namespace && one.name === name);
  const versions = spans.flatMap(({ kind, attributes }) => {
    const pod =
      kind === "client" && attributes["k8s.namespace.name"] === namespace
        ? service?.pods.find((one) => one.name === attributes["k8s.pod.name"])
        : undefined;
    return pod === undefined ? [] : [pod.version];
  });
  return versions.length === 0 ? null : versions.every((version) => version === canary) ? "canary" : "other";
}
