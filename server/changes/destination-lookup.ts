import { lookup } from "node:dns/promises";
import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { privatePlace } from "@/server/golden-paths/allow-a-destination/private-address.ts";
import { finding, listNames } from "@/server/golden-paths/path.ts";

/** All addresses of a name. Rejects when it has none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

const timeoutMs = 2_000;

const lookupAll: Lookup = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * What a look-up says about the host of a destination outside. The portal looks from its own place, the mesh from
 * another: never more than a warning. Empty for other paths, and where addresses are fixed.
 */
export async function lookupFindings<S extends PathSlug>(
  slug: S,
  values: PathFormValues[S],
  resolve: Lookup = lookupAll,
): Promise<Finding[]> {
  if (slug !== "allow-a-destination" || !("addresses" in values) || !values.allowed || values.addresses.length > 0) {
    return [];
  }
  const { host } = values;
  const addresses = await answerOf(host, resolve);
  if (addresses.length === 0) {
    const message = `${host} cannot be looked up from here. If the mesh does not know it either, calls to it fail: check the name, or name fixed addresses.`;
    return [finding("warning", "host-unknown", "host", message)];
  }
  const inside = addresses.filter((address) => privatePlace(address) !== undefined);
  if (inside.length < addresses.length) {
    return [];
  }
  const message = `${host} leads to ${listNames(inside)}, which is not outside. For a name the way out calls public addresses alone; name these as fixed addresses if they are meant.`;
  return [
    finding("warning", "address-private", "host", message, {
      repair: { title: "Name them as fixed addresses", values: { addresses: inside } },
    }),
  ];
}

/** Empty when there is none, or none in time. */
async function answerOf(host: string, resolve: Lookup): Promise<readonly string[]> {
  const late = Promise.withResolvers<readonly string[]>();
  const timer = setTimeout(() => late.resolve([]), timeoutMs);
  try {
    return await Promise.race([resolve(host), late.promise]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}
