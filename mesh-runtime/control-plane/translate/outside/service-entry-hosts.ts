import type { ServiceEntryInput, ServiceEntryPortInput } from "../input/service-entry.ts";
import { portProtocol } from "../l7/port-protocol.ts";

const clusterSuffix = ".svc.cluster.local";

/** Why an entry leads nowhere as a whole; empty when it does lead somewhere. */
export function entryProblem(entry: ServiceEntryInput): string {
  if (entry.isInternal) {
    return "destinations inside of the mesh are Services here: set location to MESH_EXTERNAL";
  }
  if (entry.hasSelector) {
    return "a workloadSelector picks pods of the mesh, which are Services here: name endpoints or a host";
  }
  if (entry.resolution === "STATIC" && entry.endpoints.length === 0) {
    return "resolution STATIC has no endpoints: name some, or set resolution to DNS";
  }
  const odd = entry.endpoints.find(({ address }) => address === "" || address.startsWith("unix:"));
  if (odd !== undefined) {
    return odd.address === "" ? "an endpoint has no address" : `the endpoint ${odd.address} is no address and no name`;
  }
  return "";
}

/** Hosts of an entry that stand for something outside: names inside of the mesh belong to Services. */
export const outsideHosts = (entry: ServiceEntryInput): readonly string[] =>
  entryProblem(entry) === "" ? [...new Set(entry.hosts)].filter((host) => !isMeshHost(host)) : [];

/** Whether only a Service can have the name. */
export const isMeshHost = (host: string): boolean => host.endsWith(clusterSuffix) || !/^(\*\.)?[^*]+$/.test(host);

/** Whether the host stands for many. */
export const isWildcard = (host: string): boolean => host.startsWith("*.");

/** What is spoken at the port: as it says itself, else by its name. */
export const protocolOf = (port: ServiceEntryPortInput): ReturnType<typeof portProtocol> =>
  portProtocol({ name: port.name, port: port.number, appProtocol: port.protocol.toLowerCase() });

/** Port of an endpoint for a port of the entry. */
export const endpointPort = ({ ports }: ServiceEntryInput["endpoints"][number], port: ServiceEntryPortInput): number =>
  ports[port.name] ?? (port.targetPort || port.number);
