import type { L7Cluster, L7Policies, L7Service } from "../../../xds/proxy-config.ts";
import type { ServiceEntryInput, ServiceEntryPortInput } from "../input/service-entry.ts";
import { clusterKey } from "../l7/cluster-key.ts";
import { defaultLimits } from "../l7/clusters.ts";
import { closedService, serviceProblem } from "../readable.ts";
import { defaultRetry } from "../waypoint/default-retry.ts";
import { endpointPort, isWildcard, outsideHosts, protocolOf } from "./service-entry-hosts.ts";
import { byAge } from "./virtual-addresses.ts";

/** What one entry adds to the configuration of its waypoint. */
export interface OutsidePart {
  readonly services: readonly L7Service[];
  readonly clusters: readonly L7Cluster[];
}

/** Ports of hosts that an entry has at its waypoint, `<host>:<port>`; another's are left to whom had them first. */
export type OwnedPorts = ReadonlyMap<ServiceEntryInput, ReadonlySet<string>>;

/** Shares hosts and ports of one waypoint out to its entries: of several the oldest has it. */
export function ownedPorts(entries: readonly ServiceEntryInput[]): OwnedPorts {
  const taken = new Set<string>();
  return new Map(
    entries.toSorted(byAge).map((entry) => {
      const own = new Set<string>();
      for (const host of exactHosts(entry)) {
        for (const { number } of entry.ports) {
          const place = `${host}:${number}`;
          if (!taken.has(place)) {
            taken.add(place);
            own.add(place);
          }
        }
      }
      return [entry, own];
    }),
  );
}

/** Hosts that can go through a waypoint: each needs a name of its own to be resolved. */
export const exactHosts = (entry: ServiceEntryInput): readonly string[] =>
  outsideHosts(entry).filter((host) => !isWildcard(host));

/** Services and clusters for an entry behind a waypoint. Pure. */
export function outsidePart(entry: ServiceEntryInput, own: ReadonlySet<string>, policies: L7Policies): OutsidePart {
  const services: L7Service[] = [];
  const clusters: L7Cluster[] = [];
  for (const host of exactHosts(entry)) {
    const service = `${entry.namespace}/${host}`;
    const ports = entry.ports.filter(({ number }) => own.has(`${host}:${number}`));
    const part: L7Service = {
      service,
      // Agents name the host. An address that an entry claims must not stand for a Service or a pod here.
      addresses: [],
      ports: ports.map((port) => ({
        port: port.number,
        protocol: protocolOf(port),
        routes: [],
        cluster: clusterKey({ service, port: port.number, subset: "" }),
        defaultRetry,
      })),
      ...policies,
    };
    services.push(serviceProblem(part) === "" ? part : closedService(part));
    clusters.push(...ports.map((port) => clusterOf(entry, service, host, port)));
  }
  return { services, clusters };
}

const clusterOf = (
  entry: ServiceEntryInput,
  service: string,
  host: string,
  port: ServiceEntryPortInput,
): L7Cluster => ({
  key: clusterKey({ service, port: port.number, subset: "" }),
  service,
  port: port.number,
  subset: "",
  members: undefined,
  protocol: protocolOf(port),
  loadBalancing: { policy: "LEAST_REQUEST", hashBy: undefined, warmupMs: 0, locality: { kind: "none" } },
  limits: defaultLimits,
  outlierDetection: undefined,
  retryBudget: undefined,
  origin: "",
  outside: {
    endpoints:
      entry.endpoints.length === 0
        ? [{ host, port: port.targetPort || port.number }]
        : entry.endpoints.map((endpoint) => ({ host: endpoint.address, port: endpointPort(endpoint, port) })),
  },
});

/** Hosts and ports of an entry that another entry has at the same waypoint. */
export const takenPorts = (entry: ServiceEntryInput, owned: OwnedPorts): readonly string[] => {
  const own = owned.get(entry);
  return own === undefined
    ? []
    : exactHosts(entry).flatMap((host) =>
        entry.ports.map(({ number }) => `${host}:${number}`).filter((place) => !own.has(place)),
      );
};
