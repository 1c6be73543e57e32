/** Services of single versions, beside the Service of all. Pure. */
import type { Service } from "@/mesh-runtime/api/service.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import { findService, type Inventory, type InventoryService } from "@/server/inventory/model.ts";
import type { IntentOf, ServiceIntent } from "../intent.ts";
import { type ZonePreference, zonePreference } from "../prefer-the-zone/zone-preference.ts";
import { managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";

/** Labels by which pods say their version, Istio's first (as the inventory reads them). */
const versionLabels = ["service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"] as const;

/** The label by which the pods of a version can be selected; `version` while there are none. */
const versionLabelOf = ({ pods }: InventoryService, version: string): string =>
  versionLabels.find((label) => pods.some((pod) => pod.version === version && pod.labels[label] === version)) ??
  "version";

/** The Service as it is in the cluster. */
export const serviceObject = ({ objects }: Inventory, { namespace, name }: ServiceRef): Service | undefined =>
  objects.services.find(({ metadata }) => metadata?.namespace === namespace && metadata.name === name);

/**
 * A Service for each version that an intent sends requests to by its name: same ports, and the version beside the
 * service's own selector. Rendered with all that the API server would fill in, so that it can be compared.
 */
export function generateVersionServices(surroundings: Surroundings): Rendered[] {
  const { inventory } = surroundings;
  return [...surroundings.services()].flatMap(({ service: ref, intents: own }) => {
    const versions = surroundings.versionServicesOf(ref);
    const service = versions.length === 0 ? undefined : findService(inventory, ref);
    const ports = serviceObject(inventory, ref)?.spec?.ports ?? [];
    if (service === undefined || ports.length === 0) {
      return [];
    }
    const near = own.find((one): one is IntentOf<"prefer-the-zone"> => one.slug === "prefer-the-zone");
    const preference = near === undefined ? undefined : zonePreference(near);
    return versions.map(({ name, version }) =>
      annotated(
        managed("Service", ref.namespace, name, own.filter(needsVersions), {
          selector: { ...service.selector, [versionLabelOf(service, version)]: version },
          ports: ports.map(portOf),
          ...preference?.spec,
        }),
        preference,
      ),
    );
  });
}

/** Intents that name versions. */
const needsVersions = (intent: ServiceIntent): boolean =>
  intent.slug === "mirror-traffic" && intent.to.kind === "version";

type Port = NonNullable<NonNullable<Service["spec"]>["ports"]>[number];
const portOf = ({ name, port, protocol = "TCP", appProtocol, targetPort = port }: Port): Port => ({
  ...(name === undefined ? {} : { name }),
  ...(appProtocol === undefined ? {} : { appProtocol }),
  port,
  protocol,
  targetPort,
});

const annotated = (rendered: Rendered, preference: ZonePreference | undefined): Rendered => ({
  ...rendered,
  metadata: { ...rendered.metadata, annotations: { ...rendered.metadata.annotations, ...preference?.annotations } },
});
