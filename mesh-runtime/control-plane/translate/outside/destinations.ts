import type { Outside, OutsideDestination } from "../../../xds/outside.ts";
import { outsidePolicyName, outsideType } from "../../../xds/outside-type.ts";
import { keyOf } from "../input/lenient.ts";
import type { MeshConfigInput } from "../input/mesh-config.ts";
import type { ServiceEntryInput } from "../input/service-entry.ts";
import type { Memo } from "../memo.ts";
import { type Binding, waypointAddressOf } from "../waypoint/binding.ts";
import { endpointPort, outsideHosts } from "./service-entry-hosts.ts";
import type { VirtualAddress } from "./virtual-addresses.ts";

/** What the destinations are read from. */
export interface OutsideSources {
  readonly entries: ReadonlyMap<string, ServiceEntryInput>;
  readonly addresses: ReadonlyMap<string, readonly VirtualAddress[]>;
  readonly mode: MeshConfigInput["outboundMode"];
  readonly memo: Memo<readonly Outside[]>;
  /** By store key. */
  binding(entry: string): Binding | undefined;
}

const policies: Readonly<Record<MeshConfigInput["outboundMode"], Outside>> = {
  ALLOW_ANY: { kind: "policy", mode: "ALLOW_ANY" },
  REGISTRY_ONLY: { kind: "policy", mode: "REGISTRY_ONLY" },
};

/** What agents are told of the outside, by name on the wire. */
export function translateOutside(sources: OutsideSources): ReadonlyMap<string, Outside> {
  const all = new Map<string, Outside>([[outsidePolicyName, policies[sources.mode]]]);
  for (const [key, entry] of sources.entries) {
    const binding = sources.binding(key);
    const addresses = sources.addresses.get(key) ?? [];
    const dependencies = [bindingText(binding), JSON.stringify(addresses)];
    for (const outside of sources.memo(entry, dependencies, () => destinationsOf(entry, addresses, binding))) {
      all.set(outsideType.name(outside), outside);
    }
  }
  return all;
}

const bindingText = (binding: Binding | undefined): string =>
  binding === undefined ? "" : `${binding.named} ${binding.refusal?.reason ?? ""}`;

function destinationsOf(
  entry: ServiceEntryInput,
  addresses: readonly VirtualAddress[],
  binding: Binding | undefined,
): readonly Outside[] {
  const visibleTo = visibility(entry);
  if (visibleTo === undefined) {
    return [];
  }
  const waypoint = waypointAddressOf(binding);
  return outsideHosts(entry).map((host): Outside => {
    const destination: OutsideDestination = {
      namespace: entry.namespace,
      name: entry.name,
      host,
      addresses:
        addresses.length > 0
          ? addresses.filter((address) => address.host === host).map(({ value }) => value)
          : entry.addresses,
      ports: entry.ports.map(({ number }) => number),
      ...(waypoint === undefined ? {} : { waypoint }),
      missingWaypoint: binding !== undefined && waypoint === undefined ? binding.named : "",
      visibleTo,
      createdAtMs: Math.max(0, entry.createdAtMs),
      endpoints: entry.endpoints.map((endpoint) => ({
        host: endpoint.address,
        ports: Object.fromEntries(entry.ports.map((port) => [port.number, endpointPort(endpoint, port)])),
      })),
    };
    return { kind: "destination", destination };
  });
}

/** Namespaces that see an entry (`exportTo`); empty: all; `undefined`: none. */
function visibility({ namespace, exportTo }: ServiceEntryInput): readonly string[] | undefined {
  if (exportTo.length === 0 || exportTo.includes("*")) {
    return [];
  }
  const named = exportTo.filter((one) => one !== "~").map((one) => (one === "." ? namespace : one));
  return named.length === 0 ? undefined : [...new Set(named)].sort();
}

/** Names of an entry's resources on the wire. */
export const outsideNames = (entry: ServiceEntryInput): readonly string[] =>
  visibility(entry) === undefined ? [] : outsideHosts(entry).map((host) => `${keyOf(entry)}/${host}`);
