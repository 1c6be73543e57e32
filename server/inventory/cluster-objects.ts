import type { ConfigMap } from "@/mesh-runtime/api/configmap.ts";
import type { Gateway } from "@/mesh-runtime/api/gateway.ts";
import type { IstioTelemetry } from "@/mesh-runtime/api/istio-telemetry.ts";
import type { Namespace } from "@/mesh-runtime/api/namespace.ts";
import type { Node } from "@/mesh-runtime/api/node.ts";
import type { Pod } from "@/mesh-runtime/api/pod.ts";
import type { Service } from "@/mesh-runtime/api/service.ts";
import type { ServiceAccount } from "@/mesh-runtime/api/serviceaccount.ts";
import type { ServiceEntry } from "@/mesh-runtime/api/serviceentry.ts";
import type { AuthorizationPolicyResource, PeerAuthenticationResource } from "@/mesh-runtime/policy/index.ts";
import type { RoutingObjects } from "./routing-objects.ts";

/** What the portal reads of the cluster. */
export interface ClusterObjects extends RoutingObjects {
  readonly namespaces: readonly Namespace[];
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly serviceAccounts: readonly ServiceAccount[];
  readonly gateways: readonly Gateway[];
  readonly authorizationPolicies: readonly AuthorizationPolicyResource[];
  readonly peerAuthentications: readonly PeerAuthenticationResource[];
  /** Absent where nobody looks at them. */
  readonly telemetries?: readonly IstioTelemetry[];
  readonly serviceEntries: readonly ServiceEntry[];
  /** Of the root namespace: `istio` is MeshConfig. */
  readonly configMaps: readonly ConfigMap[];
}
