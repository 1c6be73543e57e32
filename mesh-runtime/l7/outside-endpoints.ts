import type { Workload } from "../xds/model.ts";
import type { L7Cluster, L7Outside } from "../xds/proxy-config.ts";
import type { Endpoint } from "./mesh-view.ts";

const known = new WeakMap<L7Outside, readonly Endpoint[]>();

/** Endpoints outside of the mesh; the same array as long as the configuration is the same. */
export function outsideEndpoints({ service }: L7Cluster, outside: L7Outside): readonly Endpoint[] {
  let endpoints = known.get(outside);
  if (endpoints === undefined) {
    endpoints = outside.endpoints.map(({ host, port }) => endpointOf(service, host, port));
    known.set(outside, endpoints);
  }
  return endpoints;
}

function endpointOf(service: string, host: string, port: number): Endpoint {
  const at = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    key: `outside ${at}`,
    address: host,
    port,
    hbone: false,
    target: at,
    identity: { trustDomain: "", namespace: "", serviceAccount: "" },
    workload: nobody(at),
    service,
    healthy: true,
    locality: { region: "", zone: "", subzone: "" },
    addedMs: 0,
    outside: true,
  };
}

/** It is no pod: nothing but its place is known. */
const nobody = (name: string): Workload => ({
  uid: `outside//${name}`,
  name,
  namespace: "",
  addresses: [],
  tunnelProtocol: "NONE",
  nativeTunnel: false,
  trustDomain: "",
  serviceAccount: "",
  node: "",
  canonicalName: "",
  canonicalRevision: "",
  workloadType: "POD",
  workloadName: "",
  services: {},
  authorizationPolicies: [],
  status: "HEALTHY",
  clusterId: "",
  locality: { region: "", zone: "", subzone: "" },
});
