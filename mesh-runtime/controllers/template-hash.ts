import { createHash } from "node:crypto";
import type { PodTemplate } from "../api/pod.ts";

/** Characters that form no words and read well, as Kubernetes' `SafeEncodeString`. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/** A short name for a pod template: equal templates have equal hashes, whatever the order of their fields. */
export function templateHash(template: PodTemplate): string {
  const digest = createHash("sha256")
    .update(JSON.stringify(sorted(template)))
    .digest();
  return [...digest.subarray(0, 9)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/** `count` characters of the same alphabet, for generated names. */
export function randomSuffix(bytes: Uint8Array): string {
  return [...bytes].map((byte) => alphabet[byte % alphabet.length]).join("");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, field]) => field !== undefined && field !== null)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, field]) => [name, sorted(field)]),
    );
  }
  return value;
}
