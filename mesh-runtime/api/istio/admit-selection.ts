/** What istiod's webhook says of the ways in which policies choose what they act on. */
import type { Report } from "./report.ts";
import type { PolicyTargetReference } from "./selection.ts";

interface Selection {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> | undefined } | undefined;
  readonly targetRef?: PolicyTargetReference | undefined;
  readonly targetRefs?: readonly PolicyTargetReference[] | undefined;
}

const targetKinds = new Set([
  "/Service",
  "core/Service",
  "networking.istio.io/ServiceEntry",
  "gateway.networking.k8s.io/Gateway",
  "gateway.networking.k8s.io/GatewayClass",
]);
const targetKindsText =
  "[core/v1/Service networking.istio.io/v1/ServiceEntry gateway.networking.k8s.io/v1/Gateway gateway.networking.k8s.io/v1/GatewayClass]";

/** Selector and targets of AuthorizationPolicy, RequestAuthentication, Telemetry. Stars and empty keys are the CRD's. */
export function admitSelection({ selector, targetRef, targetRefs }: Selection, report: Report): void {
  if (selector !== undefined && Object.keys(selector.matchLabels ?? {}).length === 0) {
    report.warn("workload selector specified without labels");
  }
  for (const target of [...(targetRef ? [targetRef] : []), ...(targetRefs ?? [])]) {
    const group = target.group ?? "";
    if (!targetKinds.has(`${group}/${target.kind}`)) {
      report.refuse(`targetRef must be to one of ${targetKindsText} but was ${group || "core"}/${target.kind}`);
    }
  }
}
