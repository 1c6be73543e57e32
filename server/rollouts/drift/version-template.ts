/** What a version's pods are made from, so that another program under the same name is seen. */
import { createHash } from "node:crypto";
import type { Deployment } from "@/mesh-runtime/api/deployment.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { otherWriter } from "@/server/drift/who.ts";
import { apiVersions, canonical } from "@/server/golden-paths/resource.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import { findService } from "@/server/inventory/model.ts";
import type { VersionTemplate } from "../ports.ts";
import { isSelected, versionOf } from "../workloads/version-deployment.ts";

/** `kubectl rollout restart` writes it: the same program, begun again. */
const restartedAnnotation = "kubectl.kubernetes.io/restartedAt";

/** From the live copy. Undefined where no Deployment of the service runs the version. */
export function versionTemplate(
  service: ServiceRef,
  version: string,
  {
    cluster,
    inventory,
  }: { readonly cluster: Pick<Cluster, "list">; readonly inventory: Pick<LiveInventory, "current"> },
): VersionTemplate | undefined {
  const selector = findService(inventory.current, service)?.selector ?? {};
  const deployments = cluster
    .list("Deployment")
    .filter((one) => one.metadata?.namespace === service.namespace && isSelected(one, selector))
    .filter((one) => versionOf(one) === version)
    .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const [first] = deployments;
  if (first === undefined) {
    return undefined;
  }
  return {
    hash: createHash("sha256")
      .update(canonical(deployments.map(programOf)))
      .digest("base64url"),
    images: deployments.flatMap((one) => one.spec?.template.spec?.containers.map(({ image = "" }) => image) ?? []),
    resource: {
      apiVersion: apiVersions.Deployment,
      kind: "Deployment",
      namespace: service.namespace,
      name: nameOf(first),
    },
    manager: otherWriter(first).by,
  };
}

const nameOf = ({ metadata }: Deployment): string => metadata?.name ?? "";

function programOf(deployment: Deployment): object {
  const { metadata, spec } = deployment.spec?.template ?? {};
  const { [restartedAnnotation]: _restarted, ...annotations } = metadata?.annotations ?? {};
  return { name: nameOf(deployment), labels: metadata?.labels ?? {}, annotations, spec: spec ?? {} };
}
