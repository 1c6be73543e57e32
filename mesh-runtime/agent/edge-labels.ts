import type { EdgeLabels } from "../api/telemetry.ts";
import type { MeshService, Workload } from "../xds/model.ts";
import type { LocalPod } from "./local-pod.ts";

/** One end of an edge, as far as it is known. */
export interface EdgeEnd {
  readonly workload?: Workload | undefined;
  /** The pod on this node, which is known before the mesh knows its workload. */
  readonly pod?: LocalPod | undefined;
  /** `spiffe://…`, proven or expected. */
  readonly principal?: string | undefined;
}

export interface Edge {
  readonly reporter: "source" | "destination";
  readonly source: EdgeEnd;
  readonly destination: EdgeEnd;
  readonly service?: MeshService | undefined;
  /** For the outside world: the name that was called. */
  readonly externalHost?: string | undefined;
  readonly protocol: "http" | "tcp";
  readonly mutualTls: boolean;
}

const unknown = "unknown";

/** Istio's standard labels of an edge (istio.io "Istio Standard Metrics"). */
export function edgeLabels({ reporter, source, destination, service, externalHost, ...edge }: Edge): EdgeLabels {
  const from = endLabels(source);
  const to = endLabels(destination);
  return {
    reporter,
    source_workload: from.workload,
    source_workload_namespace: from.namespace,
    source_principal: from.principal,
    source_app: from.canonicalName,
    source_version: from.revision,
    source_cluster: from.cluster,
    source_canonical_service: from.canonicalName,
    source_canonical_revision: from.revision,
    destination_workload: to.workload,
    destination_workload_namespace: to.namespace,
    destination_principal: to.principal,
    destination_app: to.canonicalName,
    destination_version: to.revision,
    destination_service: service?.hostname ?? externalHost ?? unknown,
    destination_service_name: service?.name ?? externalHost ?? unknown,
    destination_service_namespace: service?.namespace ?? unknown,
    destination_cluster: to.cluster,
    destination_canonical_service: to.canonicalName,
    destination_canonical_revision: to.revision,
    request_protocol: edge.protocol,
    connection_security_policy: edge.mutualTls ? "mutual_tls" : "none",
  };
}

interface EndLabels {
  readonly workload: string;
  readonly namespace: string;
  readonly principal: string;
  readonly canonicalName: string;
  readonly revision: string;
  readonly cluster: string;
}

function endLabels({ workload, pod, principal }: EdgeEnd): EndLabels {
  if (workload !== undefined) {
    return {
      workload: workload.workloadName,
      namespace: workload.namespace,
      principal: principal ?? principalOf(workload),
      canonicalName: workload.canonicalName,
      revision: workload.canonicalRevision,
      cluster: workload.clusterId,
    };
  }
  const parts = principal === undefined ? null : /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(principal);
  return {
    workload: pod?.spec.name ?? unknown,
    namespace: pod?.spec.namespace ?? parts?.[1] ?? unknown,
    principal: principal ?? pod?.spiffeId ?? unknown,
    canonicalName: unknown,
    revision: unknown,
    cluster: unknown,
  };
}

const principalOf = ({ trustDomain, namespace, serviceAccount }: Workload): string =>
  `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
