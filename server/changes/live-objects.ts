import type { Cluster } from "@/server/cluster/cluster.ts";
import { kindNames } from "@/server/cluster/kinds.ts";
import { resourceKey } from "@/server/golden-paths/resource.ts";
import { toPortalError } from "./cluster-problem.ts";
import type { ReadLive, ResourceStep } from "./proposal.ts";

/** Objects of the kinds that paths render, from the live copy: good enough for a preview. */
export const cachedObjects =
  (cluster: Cluster): ReadLive =>
  ({ apiVersion, kind, namespace, name }) => {
    const watched = kindNames.find((known) => known === kind);
    const found = watched === undefined ? undefined : cluster.get(watched, namespace, name);
    // Objects of a list do not say what they are.
    return found === undefined ? undefined : { ...found, apiVersion, kind };
  };

/** The steps' objects straight from the server. Throws PortalError `cluster-unreachable`. */
export async function liveObjects(cluster: Cluster, steps: readonly ResourceStep[]): Promise<ReadLive> {
  const read = steps.map(async ({ ref }) => [resourceKey(ref), await cluster.read(ref)] as const);
  const objects = new Map(
    await Promise.all(read).catch((error: unknown) => {
      throw toPortalError(error);
    }),
  );
  return (ref) => objects.get(resourceKey(ref));
}
