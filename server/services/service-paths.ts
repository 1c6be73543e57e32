/** Golden paths as they stand for one service: what is in force with its values, and what is not. Pure. */
import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { InForce } from "@/server/contracts/golden-paths.ts";
import type { ServiceDetails } from "@/server/contracts/services.ts";
import { inForceOf } from "@/server/golden-path-pages/in-force.ts";
import { isServiceIntent } from "@/server/golden-paths/intent.ts";
import { listNames, type PathContext } from "@/server/golden-paths/path.ts";
import { goldenPaths } from "@/server/golden-paths/registry.ts";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";
import { findPolicies } from "@/server/policies/applied.ts";

type ServicePath = ServiceDetails["goldenPaths"][number];

/** Every path, in the order of the gallery. `changeIds` says which change made each intent. */
export function servicePaths(
  service: InventoryService,
  context: PathContext,
  changeIds: ReadonlyMap<string, string>,
): ServicePath[] {
  const about = inForceOf(context, changeIds).filter(({ intent }) =>
    isServiceIntent(intent)
      ? intent.service.namespace === service.namespace && intent.service.name === service.name
      : "namespace" in intent && [service.namespace, rootNamespace].includes(intent.namespace),
  );
  return pathSlug.options.flatMap((slug): ServicePath[] => {
    const path = goldenPaths[slug];
    if (path === undefined) {
      return [];
    }
    const inForce = about.filter(({ entry }) => entry.slug === slug).map(({ entry }) => entry);
    const seen = seenState(slug, service, context.inventory);
    const [only] = inForce;
    return [
      {
        slug,
        title: path.title,
        active: inForce.length > 0 || seen !== "",
        sentence: seen === "" ? summaryOf(inForce) : seen,
        edit: {
          slug,
          title: path.title,
          reason: "",
          values: only !== undefined && inForce.length === 1 ? only.edit : startOf(slug, service),
        },
        inForce,
      },
    ];
  });
}

const summaryOf = (inForce: readonly InForce[]): string => listNames(inForce.map(({ summary }) => summary));

/** What the cluster says itself, whoever brought it about; empty when it is not so. */
function seenState(slug: ServicePath["slug"], service: InventoryService, inventory: Inventory): string {
  const { namespace, enrolment } = service;
  const policies = findPolicies(inventory);
  switch (slug) {
    case "join-the-mesh":
      return enrolment.labelled ? `${enrolment.captured} of ${enrolment.pods} pods are in the mesh.` : "";
    case "require-mtls":
      return policies.requiresMtls(service)
        ? `Plain text is refused${policies.meshRequiresMtls ? " in the whole mesh" : ""}.`
        : "";
    case "lock-down":
      return policies.meshLockedDown
        ? "The whole mesh denies what no rule allows."
        : policies.namespaceLockedDown(namespace)
          ? `${namespace} denies what no rule allows.`
          : "";
    default:
      return "";
  }
}

/** What the form knows before anything is filled in: which service, or which namespace. */
function startOf(slug: ServicePath["slug"], { namespace, name, ports }: InventoryService): Record<string, unknown> {
  switch (slug) {
    case "join-the-mesh":
    case "give-a-waypoint":
      return { namespaces: [namespace] };
    case "require-mtls":
    case "lock-down":
      return { scope: "namespaces", namespaces: [namespace] };
    case "allow-a-destination":
      return { namespace };
    case "let-a-caller-in":
    case "block-a-caller":
      return { service: { namespace, name }, ports: ports.map(({ port }) => port) };
    case "expose-to-the-outside":
      return { service: { namespace, name }, ...(ports[0] && { port: ports[0].port }) };
    default:
      return { service: { namespace, name } };
  }
}
