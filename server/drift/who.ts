import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { fieldManager } from "@/server/cluster/cluster.ts";

/** Who wrote an object last besides the portal, as the API server knows it; the portal itself when nobody else did. */
export function lastWriter(object: KubeObject | undefined): { readonly by: string; readonly atUnixMs: number } {
  const entries = (object?.metadata?.managedFields ?? [])
    .filter(({ subresource }) => subresource === undefined || subresource === "")
    .map(({ manager = "", time }) => ({ by: manager, atUnixMs: time === undefined ? 0 : Date.parse(time) || 0 }))
    .toSorted((one, other) => other.atUnixMs - one.atUnixMs);
  return entries.find(({ by }) => by !== fieldManager) ?? entries[0] ?? { by: "", atUnixMs: 0 };
}
