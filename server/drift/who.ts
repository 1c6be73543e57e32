import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { fieldManager } from "@/server/cluster/cluster.ts";

interface Writer {
  readonly by: string;
  readonly atUnixMs: number;
}

/** Who wrote an object last besides the portal, as the API server knows it; the portal itself when nobody else did. */
export function lastWriter(object: KubeObject | undefined): Writer {
  const entries = writersOf(object);
  return entries.find(({ by }) => by !== fieldManager) ?? entries[0] ?? nobody;
}

/** Who else wrote an object last; empty when the API server names nobody: taking a field away leaves no trace. */
export const otherWriter = (object: KubeObject | undefined): Writer =>
  writersOf(object).find(({ by }) => by !== fieldManager) ?? nobody;

const nobody: Writer = { by: "", atUnixMs: 0 };

/** The latest first. */
const writersOf = (object: KubeObject | undefined): Writer[] =>
  (object?.metadata?.managedFields ?? [])
    .filter(({ subresource }) => subresource === undefined || subresource === "")
    .map(({ manager = "", time }) => ({ by: manager, atUnixMs: time === undefined ? 0 : Date.parse(time) || 0 }))
    .toSorted((one, other) => other.atUnixMs - one.atUnixMs);
