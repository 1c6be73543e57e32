import type { EdgeLabels } from "../api/telemetry.ts";
import { formatSpiffeId } from "../identity/spiffe-id.ts";
import type { Peer } from "../l7/peer.ts";
import type { Workload } from "../xds/model.ts";
import type { ProxySettings } from "./config.ts";

const unknown = "unknown";
const known = (value: string | undefined): string => (value === undefined || value === "" ? unknown : value);

type End<Prefix extends "source" | "destination"> = Pick<
  EdgeLabels,
  | `${Prefix}_workload`
  | `${Prefix}_workload_namespace`
  | `${Prefix}_principal`
  | `${Prefix}_app`
  | `${Prefix}_version`
  | `${Prefix}_cluster`
  | `${Prefix}_canonical_service`
  | `${Prefix}_canonical_revision`
>;
export type SourceLabels = End<"source">;
export type DestinationLabels = End<"destination">;
export type ServiceLabels = Pick<
  EdgeLabels,
  "destination_service" | "destination_service_name" | "destination_service_namespace"
>;

export const unknownSource: SourceLabels = {
  source_workload: unknown,
  source_workload_namespace: unknown,
  source_principal: unknown,
  source_app: unknown,
  source_version: unknown,
  source_cluster: unknown,
  source_canonical_service: unknown,
  source_canonical_revision: unknown,
};

export const unknownDestination: DestinationLabels = {
  destination_workload: unknown,
  destination_workload_namespace: unknown,
  destination_principal: unknown,
  destination_app: unknown,
  destination_version: unknown,
  destination_cluster: unknown,
  destination_canonical_service: unknown,
  destination_canonical_revision: unknown,
};

/** The pod's own side, as source of calls. */
export function ownSource(settings: ProxySettings): SourceLabels {
  return {
    source_workload: settings.workloadName,
    source_workload_namespace: settings.namespace,
    source_principal: formatSpiffeId(settings),
    source_app: known(settings.app),
    source_version: known(settings.version),
    source_cluster: settings.clusterId,
    source_canonical_service: known(settings.app),
    source_canonical_revision: known(settings.version),
  };
}

/** The pod's own side, as destination of calls. */
export function ownDestination(settings: ProxySettings): DestinationLabels {
  return {
    destination_workload: settings.workloadName,
    destination_workload_namespace: settings.namespace,
    destination_principal: formatSpiffeId(settings),
    destination_app: known(settings.app),
    destination_version: known(settings.version),
    destination_cluster: settings.clusterId,
    destination_canonical_service: known(settings.app),
    destination_canonical_revision: known(settings.version),
  };
}

/** A caller: its workload where address and identity agree, else what its identity says. */
export function peerSource({ workload, principal }: Peer): SourceLabels {
  if (workload !== undefined) {
    return {
      source_workload: known(workload.workloadName),
      source_workload_namespace: workload.namespace,
      source_principal: formatSpiffeId(workload),
      source_app: known(workload.canonicalName),
      source_version: known(workload.canonicalRevision),
      source_cluster: known(workload.clusterId),
      source_canonical_service: known(workload.canonicalName),
      source_canonical_revision: known(workload.canonicalRevision),
    };
  }
  if (principal === undefined) {
    return unknownSource;
  }
  const namespace = /\/ns\/([^/]+)\/sa\/[^/]+$/.exec(principal)?.[1];
  return { ...unknownSource, source_principal: `spiffe://${principal}`, source_workload_namespace: known(namespace) };
}

export function workloadDestination(workload: Workload): DestinationLabels {
  return {
    destination_workload: known(workload.workloadName),
    destination_workload_namespace: workload.namespace,
    destination_principal: formatSpiffeId(workload),
    destination_app: known(workload.canonicalName),
    destination_version: known(workload.canonicalRevision),
    destination_cluster: known(workload.clusterId),
    destination_canonical_service: known(workload.canonicalName),
    destination_canonical_revision: known(workload.canonicalRevision),
  };
}

/** `<namespace>/<hostname>`; empty when a pod was called by its own address. */
export function serviceLabels(service: string): ServiceLabels {
  const [namespace = "", hostname = ""] = service.split("/");
  return {
    destination_service: known(hostname),
    // A host outside of the mesh is its own name, as in Istio.
    destination_service_name: known(hostname.endsWith(".svc.cluster.local") ? hostname.split(".")[0] : hostname),
    destination_service_namespace: known(namespace),
  };
}
