import { formatSpiffeId, type WorkloadIdentity } from "../identity/spiffe-id.ts";
import type { ZdsPod } from "../zds/protocol.ts";

/** A pod of this node, as the parts of the agent see it. Changes in place while its listeners stay. */
export interface LocalPod {
  /** What the node runner said last. */
  spec: ZdsPod;
  readonly address: string;
  readonly identity: WorkloadIdentity;
  readonly spiffeId: string;
  /** Its key in the mesh: `<cluster>//Pod/<namespace>/<name>`. */
  readonly workloadUid: string;
  /** Certificate and HBONE listener stand: outbound may use HBONE. */
  captured: boolean;
  /**
   * Mesh policy counts for what comes in. From the start for a pod that is to be in the mesh, so that an agent that
   * comes back is closed until it knows the policy; for a running pod that joins, from the moment capture stands.
   */
  enforced: boolean;
}

export function localPodOf(spec: ZdsPod, mesh: { readonly trustDomain: string; readonly clusterId: string }): LocalPod {
  const identity = { trustDomain: mesh.trustDomain, namespace: spec.namespace, serviceAccount: spec.serviceAccount };
  return {
    spec,
    address: spec.podIP,
    identity,
    spiffeId: formatSpiffeId(identity),
    workloadUid: `${mesh.clusterId}//Pod/${spec.namespace}/${spec.name}`,
    captured: false,
    enforced: spec.captured,
  };
}

/** What makes it another pod at the same place: then its listeners start anew. */
export const isSamePod = (pod: LocalPod, spec: ZdsPod): boolean =>
  pod.spec.uid === spec.uid &&
  pod.address === spec.podIP &&
  pod.spec.namespace === spec.namespace &&
  pod.spec.name === spec.name &&
  pod.spec.serviceAccount === spec.serviceAccount;
