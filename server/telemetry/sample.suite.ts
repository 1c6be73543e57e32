/** Labels and records for tests. */
import type { EdgeLabels } from "@/mesh-runtime/api/telemetry.ts";
import { durationBoundsMs } from "@/mesh-runtime/api/telemetry.ts";
import type { RequestCounts } from "./records.ts";

/** `"<namespace>/<workload>"`, or nothing for an end that nobody knows. */
export function labels(
  from: string | undefined,
  to: string,
  more: Partial<EdgeLabels> & { service?: string } = {},
): EdgeLabels {
  const [sourceNamespace = "unknown", source = "unknown"] = from?.split("/") ?? [];
  const [namespace = "unknown", workload = "unknown"] = to.split("/");
  const { service = workload.replace(/-v\d$/, ""), ...rest } = more;
  return {
    reporter: "source",
    source_workload: source,
    source_workload_namespace: sourceNamespace,
    source_principal:
      source === "unknown"
        ? "unknown"
        : `spiffe://cluster.local/ns/${sourceNamespace}/sa/${source.replace(/-v\d$/, "")}`,
    source_app: source,
    source_version: "v1",
    source_cluster: "Kubernetes",
    source_canonical_service: source,
    source_canonical_revision: "v1",
    destination_workload: workload,
    destination_workload_namespace: namespace,
    destination_principal: "unknown",
    destination_app: service,
    destination_version: /-(v\d)$/.exec(workload)?.[1] ?? "v1",
    destination_service: `${service}.${namespace}.svc.cluster.local`,
    destination_service_name: service,
    destination_service_namespace: namespace,
    destination_cluster: "Kubernetes",
    destination_canonical_service: service,
    destination_canonical_revision: "v1",
    request_protocol: "http",
    connection_security_policy: "mutual_tls",
    ...rest,
  };
}

/** `count` requests that took between 5 and 10 ms. */
export function requests(count: number): RequestCounts {
  const buckets = Array.from({ length: durationBoundsMs.length + 1 }, () => 0);
  buckets[4] = count;
  return { count, durationSumMs: count * 7, buckets, requestBytes: count * 100, responseBytes: count * 900 };
}
