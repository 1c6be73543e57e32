/** Whether proxies told that they refused a request that was sent for proof. Pure. */
import type { TryRequest } from "@/server/contracts/try-it.ts";
import { reasonTitle } from "@/server/denials/denial-words.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { DenialCounts, DenialIdentity } from "@/server/telemetry/records.ts";
import type { Slots } from "@/server/telemetry/slots.ts";
import { NodeFinder } from "@/server/traffic/graph/node-ref.ts";

export interface MeshRefusal {
  /** "waypoint, Identity not named, web-api/web-api-callers" */
  readonly words: string;
}

/** Clocks of proxies may be behind by so much. */
const skewMs = 500;

/**
 * The refusal of this very request since `sinceMs`: same caller, same service, same answer, and where a proxy knows
 * requests the same method and path. `status`: what came back; 0 for none.
 */
export function meshRefusal(
  denials: Slots<DenialIdentity, DenialCounts>,
  inventory: Inventory,
  request: Pick<TryRequest, "source" | "url" | "method">,
  status: number,
  sinceMs: number,
): MeshRefusal | undefined {
  const finder = new NodeFinder(inventory);
  let found: MeshRefusal | undefined;
  // Slots are taken by their middle.
  denials.each(sinceMs - 1_000, Number.POSITIVE_INFINITY, (identity, counts) => {
    if (
      counts.lastUnixMs >= sinceMs - skewMs &&
      isAnswer(identity.answer, status) &&
      isFrom(identity, request.source) &&
      isTo(identity, finder, request) &&
      isSameRequest(identity, request)
    ) {
      const { hop, policy, labels } = identity;
      const why = reasonTitle(identity, labels.source_principal !== "unknown" && labels.source_principal !== "");
      found = { words: [hop, why, policy].filter((word) => word !== "").join(", ") };
    }
  });
  return found;
}

/** The caller's own agent makes 503 of a connection that another one refused. */
const isAnswer = (told: number, status: number): boolean => told === status || (told === 0 && status === 503);

/** From outside only gateways hear it. */
const isFrom = ({ labels, hop }: DenialIdentity, source: TryRequest["source"]): boolean =>
  source.kind === "outside"
    ? hop === "gateway"
    : labels.source_workload === source.workload && labels.source_workload_namespace === source.namespace;

function isTo(
  { labels, host }: DenialIdentity,
  finder: NodeFinder,
  { source, url }: Pick<TryRequest, "source" | "url">,
): boolean {
  if (source.kind === "outside") {
    return true;
  }
  const { hostname } = new URL(url);
  const [name = "", namespace = source.namespace] = hostname.split(".");
  const node = finder.destination(labels);
  return (
    (node.name === name && node.namespace === namespace) || host.split(":")[0] === hostname || node.id === hostname
  );
}

/** A proxy tells the path as it normalized it; agents know connections only. */
function isSameRequest({ method, path }: DenialIdentity, request: Pick<TryRequest, "url" | "method">): boolean {
  return method === "" || (method === request.method && path.split("?")[0] === new URL(request.url).pathname);
}
