import type { World } from "../translate/input/world.ts";
import { portsOnPod, selectsPod } from "../translate/service-address.ts";

/** Where the host of a URL is: outside, at a pod, or nowhere. */
export type HostPlace =
  | { readonly kind: "outside" }
  | { readonly kind: "pod"; readonly address: string; readonly port: number }
  | { readonly kind: "nowhere"; readonly problem: string };

/**
 * Finds the Service behind a host such as `issuer.auth`, `issuer.auth.svc` or its full name, and one of its ready pods:
 * names of the mesh mean nothing to the resolver that the control plane uses. A name that no Service has is outside,
 * unless it ends like one of the mesh.
 */
export function placeOf(hostname: string, port: number, world: World): HostPlace {
  const [, name = "", namespace = "", suffix = ""] =
    /^([^.]+)\.([^.]+?)(\.svc(?:\.cluster\.local)?)?\.?$/.exec(hostname.toLowerCase()) ?? [];
  const service = world.services.get(`${namespace}/${name}`);
  if (service === undefined || service.type === "ExternalName") {
    return suffix === "" ? { kind: "outside" } : { kind: "nowhere", problem: `no Service has the host ${hostname}` };
  }
  if (!service.ports.some((candidate) => candidate.port === port)) {
    return { kind: "nowhere", problem: `service ${namespace}/${name} has no port ${port}` };
  }
  for (const pod of world.pods.values()) {
    const [address] = pod.addresses;
    if (address === undefined || !pod.ready || pod.ended || pod.terminating || !selectsPod(service, pod)) {
      continue;
    }
    const target = portsOnPod(service, pod).find(({ servicePort }) => servicePort === port)?.targetPort;
    if (target !== undefined && target !== 0) {
      return { kind: "pod", address, port: target };
    }
  }
  return { kind: "nowhere", problem: `service ${namespace}/${name} has no ready pod` };
}

/** What to add when a pod does not answer: the control plane is no member of the mesh. */
export const plainTextHint =
  "; the control plane calls it from outside of the mesh in plain text: allow that (PeerAuthentication, AuthorizationPolicy), or write the keys inline as jwks";
