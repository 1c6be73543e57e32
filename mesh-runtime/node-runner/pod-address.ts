import { podHostMax, podHostMin } from "../common/address-block.ts";

/** Addresses of a /24 pod range that pods may have, in order. */
export function podAddresses(podCidr: string): string[] {
  const [network = ""] = podCidr.split("/");
  const prefix = network.split(".").slice(0, 3).join(".");
  return Array.from({ length: podHostMax - podHostMin + 1 }, (_, index) => `${prefix}.${podHostMin + index}`);
}

/**
 * Picks an address that nobody has. Goes round the range from `after` on, so that an address rests as long as possible
 * before another pod gets it and stale connections cannot reach a stranger. Undefined when the range is full.
 */
export function pickPodAddress(podCidr: string, taken: ReadonlySet<string>, after?: string): string | undefined {
  const all = podAddresses(podCidr);
  const start = after === undefined ? 0 : all.indexOf(after) + 1;
  for (let step = 0; step < all.length; step += 1) {
    const address = all[(start + step) % all.length];
    if (address !== undefined && !taken.has(address)) {
      return address;
    }
  }
  return undefined;
}
