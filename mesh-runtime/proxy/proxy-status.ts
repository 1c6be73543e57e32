import type { ProxyStatus } from "../api/telemetry.ts";
import type { CertificateManager } from "../identity/certificate-client.ts";
import type { MeshView } from "../l7/mesh-view.ts";
import type { XdsClient } from "../xds/client.ts";
import type { ProxyConfig } from "../xds/proxy-config.ts";
import type { ProxySettings } from "./config.ts";

export const proxyVersion = "0.1.0";
const textMax = 512;
const rejectedMax = 64;

export interface StatusSources {
  readonly settings: ProxySettings;
  readonly startedUnixMs: number;
  readonly xds: Pick<XdsClient, "status">;
  readonly view: Pick<MeshView, "counts">;
  readonly certificates: Pick<CertificateManager, "status">;
  config(): ProxyConfig | undefined;
  openConnections(): number;
}

/** What goes along with every push. */
export function proxyStatus(sources: StatusSources): ProxyStatus {
  const { settings, startedUnixMs, xds, view, certificates } = sources;
  const { connected, lastAppliedUnixMs, rejected } = xds.status();
  const config = sources.config();
  return {
    timeUnixMs: Date.now(),
    proxy: `${settings.podName}.${settings.namespace}`,
    kind: config?.kind ?? "gateway",
    node: settings.node,
    version: proxyVersion,
    startedUnixMs,
    xdsConnected: connected,
    lastAppliedUnixMs: lastAppliedUnixMs ?? 0,
    resources: {
      ...view.counts,
      authorizations: config === undefined ? 0 : authorizationsOf(config),
      proxyConfigs: config === undefined ? 0 : 1,
    },
    rejected: rejected.slice(0, rejectedMax).map(({ typeUrl, name, error }) => ({
      type: typeUrl.slice(0, textMax),
      name: name.slice(0, textMax),
      reason: error.slice(0, textMax),
    })),
    certificates: certificates.status().flatMap(({ spiffeId, certificate }) =>
      certificate === undefined
        ? []
        : [
            {
              identity: spiffeId,
              serial: certificate.serial,
              notBeforeUnixMs: certificate.notBeforeUnixMs,
              notAfterUnixMs: certificate.notAfterUnixMs,
            },
          ],
    ),
    openConnections: sources.openConnections(),
    residentBytes: process.memoryUsage.rss(),
  };
}

const counted = new WeakMap<ProxyConfig, number>();

/** Policies, each once however many places it stands in front of. Counted once per configuration. */
function authorizationsOf(config: ProxyConfig): number {
  let count = counted.get(config);
  if (count === undefined) {
    const places = [...config.listeners, ...config.services, ...config.workloads];
    const names = places.flatMap(({ authorizations }) =>
      authorizations.map(({ namespace, name }) => `${namespace}/${name}`),
    );
    count = new Set(names).size;
    counted.set(config, count);
  }
  return count;
}
