import { serviceKey } from "../../xds/address-type.ts";
import type { MeshService, ServicePort } from "../../xds/model.ts";
import type { NamespaceInput } from "./input/namespace.ts";
import type { PodInput } from "./input/pod.ts";
import type { ServiceInput } from "./input/service.ts";
import { serviceLoadBalancing } from "./service-load-balancing.ts";
import { type Binding, waypointAddressOf } from "./waypoint/binding.ts";

/** DNS suffix of services; Istio's default, and the only one this mesh has. */
const clusterDomain = "cluster.local";

/** `<name>.<namespace>.svc.cluster.local` */
export const hostnameOf = ({ name, namespace }: { name: string; namespace: string }): string =>
  `${name}.${namespace}.svc.${clusterDomain}`;

/** Key of a service on the wire. */
export const keyOfService = (service: { name: string; namespace: string }): string =>
  serviceKey({ namespace: service.namespace, hostname: hostnameOf(service) });

/** A Service for the proxies; `undefined` for names outside the mesh (ExternalName). */
export function translateService(
  service: ServiceInput,
  { namespace, binding }: { readonly namespace?: NamespaceInput; readonly binding?: Binding } = {},
): MeshService | undefined {
  if (service.type === "ExternalName") {
    return undefined;
  }
  const waypoint = waypointAddressOf(binding);
  const loadBalancing = serviceLoadBalancing(service, namespace);
  return {
    name: service.name,
    namespace: service.namespace,
    hostname: hostnameOf(service),
    addresses: service.addresses,
    ports: service.ports.map(({ port, targetPort }) => ({
      servicePort: port,
      targetPort: typeof targetPort === "number" ? targetPort : 0,
    })),
    ...(waypoint === undefined ? {} : { waypoint, ingressUseWaypoint: binding?.ingress === true }),
    ...(loadBalancing === undefined ? {} : { loadBalancing }),
  };
}

/** Whether the Service leads to the pod. A Service without a selector leads nowhere. */
export function selectsPod(service: ServiceInput, pod: PodInput): boolean {
  const entries = Object.entries(service.selector);
  return (
    entries.length > 0 &&
    service.namespace === pod.namespace &&
    service.type !== "ExternalName" &&
    entries.every(([name, value]) => pod.labels[name] === value)
  );
}

/** The ports at which the pod serves the Service; a name that no container declares is left out. */
export const portsOnPod = (service: ServiceInput, pod: PodInput): ServicePort[] =>
  service.ports.flatMap(({ port, targetPort }) => {
    const resolved = typeof targetPort === "number" ? targetPort : pod.namedPorts[targetPort];
    return resolved === undefined ? [] : [{ servicePort: port, targetPort: resolved }];
  });
