import type { ServiceRef } from "@/server/contracts/names.ts";
import type { ServiceIntent } from "../intent.ts";

/** Full name of a Service, as rules name it. */
export const hostOf = ({ namespace, name }: ServiceRef): string => `${name}.${namespace}.svc.cluster.local`;

/** Name of the Service of one version's pods: `<service>-<version>`. */
export const versionServiceName = ({ name }: Pick<ServiceRef, "name">, version: string): string => `${name}-${version}`;

/** Versions that an intent sends requests to, each by a Service of its own. */
export function versionsNamed(intent: ServiceIntent): string[] {
  switch (intent.slug) {
    case "mirror-traffic":
      return intent.to.kind === "version" ? [intent.to.version] : [];
    case "release-a-version":
      return intent.canary === null ? [intent.stable] : [intent.stable, intent.canary];
    default:
      return [];
  }
}

/** Whether a host in a rule of `namespace` means the Service: short, with its namespace, in full, or by a wildcard. */
export function meansService(host: string, namespace: string, service: ServiceRef): boolean {
  const full = host.includes(".") || host.startsWith("*") ? host : hostOf({ namespace, name: host });
  return full.startsWith("*") ? hostOf(service).endsWith(full.slice(1)) : full === hostOf(service);
}
