/** The labels by which impact tells edges apart; the others are left out. Pure. */
import type { EdgeLabels } from "@/mesh-runtime/api/telemetry.ts";

export const edgeNames = [
  "reporter",
  "source_workload",
  "source_workload_namespace",
  "source_canonical_service",
  "destination_workload",
  "destination_workload_namespace",
  "destination_canonical_service",
  "destination_service",
  "destination_service_name",
  "destination_service_namespace",
] as const satisfies readonly (keyof EdgeLabels)[];

/** Who called whom, as far as impact asks. */
export type SeenEdge = Pick<EdgeLabels, (typeof edgeNames)[number]>;

export const edgeKey = (edge: SeenEdge): string =>
  `${edge.reporter}|${edge.source_workload_namespace}|${edge.source_workload}|${edge.source_canonical_service}|${edge.destination_workload_namespace}|${edge.destination_workload}|${edge.destination_canonical_service}|${edge.destination_service}|${edge.destination_service_name}|${edge.destination_service_namespace}`;

const unknownLabels: Omit<EdgeLabels, (typeof edgeNames)[number]> = {
  source_principal: "unknown",
  source_app: "unknown",
  source_version: "unknown",
  source_cluster: "unknown",
  source_canonical_revision: "unknown",
  destination_principal: "unknown",
  destination_app: "unknown",
  destination_version: "unknown",
  destination_cluster: "unknown",
  destination_canonical_revision: "unknown",
  request_protocol: "http",
  connection_security_policy: "unknown",
};

/** Whole labels, of which only those of the edge say something. */
export const edgeLabels = (edge: SeenEdge): EdgeLabels => ({ ...unknownLabels, ...onlyEdge(edge) });

export const onlyEdge = (labels: SeenEdge): SeenEdge => ({
  reporter: labels.reporter,
  source_workload: labels.source_workload,
  source_workload_namespace: labels.source_workload_namespace,
  source_canonical_service: labels.source_canonical_service,
  destination_workload: labels.destination_workload,
  destination_workload_namespace: labels.destination_workload_namespace,
  destination_canonical_service: labels.destination_canonical_service,
  destination_service: labels.destination_service,
  destination_service_name: labels.destination_service_name,
  destination_service_namespace: labels.destination_service_namespace,
});
