import type { L7Listener } from "../xds/proxy-config.ts";
import { type PreparedCertificate, SniTable } from "./sni-certificates.ts";

/** Listeners by Gateway port, and how TLS is terminated there; made by `prepareListeners`. */
export type PreparedListeners = ReadonlyMap<number, { readonly sni: SniTable | undefined }>;

/** Checks and groups listeners. Throws on what cannot be served. */
export function prepareListeners(
  listeners: readonly L7Listener[],
  certificates: ReadonlyMap<string, PreparedCertificate>,
): PreparedListeners {
  const prepared = new Map<number, { readonly sni: SniTable | undefined }>();
  for (const [port, group] of Map.groupBy(listeners, ({ port: number }) => number)) {
    const secure = group.filter(({ protocol }) => protocol === "HTTPS");
    if (secure.length > 0 && secure.length < group.length) {
      throw new Error(`port ${port}: HTTP and HTTPS cannot share a port`);
    }
    prepared.set(port, { sni: secure.length > 0 ? new SniTable(secure, certificates) : undefined });
  }
  return prepared;
}
