import { keyOf } from "../input/lenient.ts";
import type { ServiceEntryInput } from "../input/service-entry.ts";

/** An address of an entry's status. */
export interface VirtualAddress {
  readonly value: string;
  readonly host: string;
}

const label = "networking.istio.io/enable-autoallocate-ip";
/** Addresses of 240.240.0.0/16 without the first and the last, as Istio's; 2001:2::/48 goes along. */
const indexMax = 65_534;

/**
 * Virtual addresses of all entries that name none, by store key, as Istio allocates them: two for each host. Those that
 * a status tells stay; new ones take the lowest that are free, older entries first, so that the same entries get the
 * same addresses whoever asks.
 */
export function virtualAddresses(
  entries: ReadonlyMap<string, ServiceEntryInput>,
): ReadonlyMap<string, readonly VirtualAddress[]> {
  const wanting = [...entries.values()].filter(wantsAddresses).sort(byAge);
  const used = new Set<number>();
  const indexes = new Map<string, number>();
  for (const entry of wanting) {
    for (const { value, host } of entry.allocated) {
      const index = indexOf(value);
      const slot = `${keyOf(entry)} ${host}`;
      if (index !== undefined && !used.has(index) && entry.hosts.includes(host) && !indexes.has(slot)) {
        used.add(index);
        indexes.set(slot, index);
      }
    }
  }
  let next = 1;
  const free = (): number | undefined => {
    while (used.has(next)) {
      next += 1;
    }
    if (next > indexMax) {
      return undefined;
    }
    used.add(next);
    return next;
  };
  return new Map(
    wanting.map((entry) => [
      keyOf(entry),
      [...new Set(entry.hosts)].flatMap((host) => {
        const index = indexes.get(`${keyOf(entry)} ${host}`) ?? free();
        return index === undefined ? [] : addressesAt(index, host);
      }),
    ]),
  );
}

/** Istio's rule: not for hosts with wildcards, not where somebody named addresses or said no. */
const wantsAddresses = ({ labels, resolution, addresses, hosts }: ServiceEntryInput): boolean =>
  labels[label]?.toLowerCase() !== "false" &&
  resolution !== "NONE" &&
  addresses.length === 0 &&
  hosts.every((host) => !host.includes("*"));

const addressesAt = (index: number, host: string): VirtualAddress[] => [
  { value: `240.240.${index >> 8}.${index & 255}`, host },
  { value: `2001:2::${index.toString(16)}`, host },
];

function indexOf(address: string): number | undefined {
  const match = /^240\.240\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  const index = match === null ? 0 : Number(match[1]) * 256 + Number(match[2]);
  return index >= 1 && index <= indexMax ? index : undefined;
}

/** Older ones first; of the same age by key. */
export const byAge = (a: ServiceEntryInput, b: ServiceEntryInput): number =>
  a.createdAtMs - b.createdAtMs || (keyOf(a) < keyOf(b) ? -1 : 1);
