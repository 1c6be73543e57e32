import type { CertificateCounts } from "../ca/certificate-handler.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { ProxyStream } from "../xds-server/proxy-stream.ts";

export interface MetricsInput {
  readonly streams: readonly ProxyStream[];
  readonly snapshot: Snapshot | undefined;
  readonly certificates: CertificateCounts;
}

/** Prometheus text. Names that istiod has too are istiod's. */
export function controlPlaneMetrics({ streams, snapshot, certificates }: MetricsInput): string {
  const rejected = streams.flatMap(({ types }) => [...types.values()].map((type) => type.rejected.size));
  return [
    metric("pilot_xds", "gauge", "Proxies connected by delta xDS.", [["", streams.length]]),
    metric("pilot_total_xds_rejects", "gauge", "Resources whose newest version a proxy refuses.", [
      ["", rejected.reduce((sum, count) => sum + count, 0)],
    ]),
    metric("citadel_server_csr_count", "counter", "Certificate requests.", [
      ["", certificates.issued + certificates.refused],
    ]),
    metric("citadel_server_success_cert_issuance_count", "counter", "Certificates issued.", [
      ["", certificates.issued],
    ]),
    metric("towpath_snapshot_revision", "gauge", "Revision of the configuration for the proxies.", [
      ["", snapshot?.revision ?? 0],
    ]),
    metric(
      "towpath_snapshot_resources",
      "gauge",
      "Resources by type.",
      [...(snapshot?.types ?? [])].map(([typeUrl, type]) => [`{type_url="${typeUrl}"}`, type.size]),
    ),
  ].join("");
}

const metric = (
  name: string,
  type: "gauge" | "counter",
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map(([labels, value]) => `${name}${labels} ${value}\n`).join("")}`;
