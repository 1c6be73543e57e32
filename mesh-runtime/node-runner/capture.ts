import type { Pod } from "./pod-types.ts";

/** Set on proxies: they bind the pod address themselves and no agent stands before them. */
export const networkAnnotation = "towpath.dev/network";
/** Istio's sign that traffic of the pod is captured; only then do others send it HBONE. */
export const redirectionAnnotation = "ambient.istio.io/redirection";
const modeLabel = "istio.io/dataplane-mode";

/** True for proxies (gateways, waypoints). */
export const isDirect = (pod: Pod): boolean => pod.metadata?.annotations?.[networkAnnotation] === "direct";

/**
 * Whether the pod shall be in the mesh. As Istio's CNI agent decides: the namespace's label, unless the pod's own
 * says otherwise; proxies are never captured.
 */
export function wishesCapture(pod: Pod, namespaceLabels: Readonly<Record<string, string>> | undefined): boolean {
  if (isDirect(pod)) {
    return false;
  }
  const own = pod.metadata?.labels?.[modeLabel];
  return own !== "none" && (own === "ambient" || namespaceLabels?.[modeLabel] === "ambient");
}

/** True when the pod is announced to others as captured. */
export const isAnnounced = (pod: Pod): boolean => pod.metadata?.annotations?.[redirectionAnnotation] === "enabled";
