import type { EdgeLabels } from "../api/telemetry.ts";
import { formatPrincipal } from "../identity/spiffe-id.ts";
import type { Endpoint } from "../l7/mesh-view.ts";
import type { L7Backend } from "../xds/model.ts";
import type { GatewayConfig } from "./config.ts";

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

const nobody: End<"source"> & End<"destination"> = {
  source_workload: unknown,
  source_workload_namespace: unknown,
  source_principal: unknown,
  source_app: unknown,
  source_version: unknown,
  source_cluster: unknown,
  source_canonical_service: unknown,
  source_canonical_revision: unknown,
  destination_workload: unknown,
  destination_workload_namespace: unknown,
  destination_principal: unknown,
  destination_app: unknown,
  destination_version: unknown,
  destination_cluster: unknown,
  destination_canonical_service: unknown,
  destination_canonical_revision: unknown,
};

/** From the outside to this gateway, as the gateway sees it. */
export function inboundLabels(config: GatewayConfig): EdgeLabels {
  const { serviceAccount, namespace, trustDomain, gateway } = config;
  const service = `${gateway}-istio`;
  return {
    reporter: "destination",
    ...nobody,
    destination_workload: config.workloadName,
    destination_workload_namespace: namespace,
    destination_principal: formatPrincipal({ trustDomain, namespace, serviceAccount }),
    destination_app: known(config.app),
    destination_version: known(config.version),
    destination_cluster: config.clusterId,
    destination_canonical_service: known(config.app),
    destination_canonical_revision: known(config.version),
    destination_service: `${service}.${namespace}.svc.cluster.local`,
    destination_service_name: service,
    destination_service_namespace: namespace,
    request_protocol: "http",
    connection_security_policy: "none",
  };
}

/** From this gateway to a backend; without an endpoint only the service is known. */
export function outboundLabels(config: GatewayConfig, backend: L7Backend, endpoint: Endpoint | undefined): EdgeLabels {
  const { serviceAccount, namespace, trustDomain } = config;
  const [serviceNamespace = unknown, hostname = unknown] = backend.service.split("/");
  const workload = endpoint?.workload;
  return {
    reporter: "source",
    ...nobody,
    source_workload: config.workloadName,
    source_workload_namespace: namespace,
    source_principal: formatPrincipal({ trustDomain, namespace, serviceAccount }),
    source_app: known(config.app),
    source_version: known(config.version),
    source_cluster: config.clusterId,
    source_canonical_service: known(config.app),
    source_canonical_revision: known(config.version),
    ...(workload === undefined
      ? {}
      : {
          destination_workload: known(workload.workloadName),
          destination_workload_namespace: workload.namespace,
          destination_principal: formatPrincipal(workload),
          destination_app: known(workload.canonicalName),
          destination_version: known(workload.canonicalRevision),
          destination_cluster: known(workload.clusterId),
          destination_canonical_service: known(workload.canonicalName),
          destination_canonical_revision: known(workload.canonicalRevision),
        }),
    destination_service: hostname,
    destination_service_name: hostname.split(".")[0] ?? unknown,
    destination_service_namespace: serviceNamespace,
    request_protocol: "http",
    connection_security_policy: endpoint?.hbone === true ? "mutual_tls" : "none",
  };
}
