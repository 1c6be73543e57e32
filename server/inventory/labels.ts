/** Istio's and Kubernetes' own names, in one place. */
export const dataplaneModeLabel = "istio.io/dataplane-mode";
export const redirectionAnnotation = "ambient.istio.io/redirection";
export const gatewayNameLabel = "gateway.networking.k8s.io/gateway-name";
export const managedByLabel = "app.kubernetes.io/managed-by";
export const managedByTowpath = "towpath";
export const intentAnnotation = "towpath.dev/intent";
export const regionLabel = "topology.kubernetes.io/region";
export const zoneLabel = "topology.kubernetes.io/zone";
/** Policies here act on the whole mesh. */
export const rootNamespace = "istio-system";
/** Class of Gateways that stand in front of services inside the mesh. */
export const waypointClass = "istio-waypoint";
