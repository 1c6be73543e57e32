import type { InventoryService } from "@/server/inventory/model.ts";

/** Labels by which pods say their version, Istio's first (as the inventory reads them). */
export const versionLabels = ["service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"] as const;

/** The label by which the pods of a version can be selected; `version` while there are none. */
export const versionLabelOf = ({ pods }: Pick<InventoryService, "pods">, version: string): string =>
  versionLabels.find((label) => pods.some((pod) => pod.version === version && pod.labels[label] === version)) ??
  "version";
