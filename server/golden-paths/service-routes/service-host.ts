import type { ServiceRef } from "@/server/contracts/names.ts";

/** Full name of a Service, as rules name it. */
export const hostOf = ({ namespace, name }: ServiceRef): string => `${name}.${namespace}.svc.cluster.local`;

/** Name of the Service of one version's pods: `<service>-<version>`. */
export const versionServiceName = ({ name }: Pick<ServiceRef, "name">, version: string): string => `${name}-${version}`;

/** Whether a host in a rule of `namespace` means the Service: short, with its namespace, in full, or by a wildcard. */
export function meansService(host: string, namespace: string, service: ServiceRef): boolean {
  const full = host.includes(".") || host.startsWith("*") ? host : hostOf({ namespace, name: host });
  return full.startsWith("*") ? hostOf(service).endsWith(full.slice(1)) : full === hostOf(service);
}
