/** Services of single versions, beside the Service of all. Pure. */
import type { Service } from "@/mesh-runtime/api/service.ts";
import { findService } from "@/server/inventory/model.ts";
import { previewOf } from "../expose-to-the-outside/previews.ts";
import type { IntentOf, ServiceIntent } from "../intent.ts";
import { type ZonePreference, zonePreference } from "../prefer-the-zone/zone-preference.ts";
import { managed, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";
import { ingressUseWaypointLabel, labelsOfService, waypointLabels } from "../waypoint/named-waypoint.ts";
import { serviceObject } from "./service-object.ts";
import { versionLabelOf } from "./version-label.ts";

export { serviceObject } from "./service-object.ts";

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
        managed(
          "Service",
          ref.namespace,
          name,
          own.filter(isWrittenHere),
          {
            selector: { ...service.selector, [versionLabelOf(service, version)]: version },
            ports: ports.map(portOf),
            ...preference?.spec,
          },
          labelsOf(name, own, surroundings),
        ),
        preference,
      ),
    );
  });
}

/** A release is written on its route alone: shares that move change nothing else. */
const isWrittenHere = (intent: ServiceIntent): boolean =>
  intent.slug === "mirror-traffic" && intent.to.kind === "version";

/**
 * The waypoint that the service names itself is the versions' too. A version that a gateway shows goes through it as the
 * service does, or no rule would hold there and a guard would refuse the gateway.
 */
function labelsOf(
  name: string,
  own: readonly ServiceIntent[],
  { inventory, waypointOf }: Surroundings,
): Readonly<Record<string, string>> {
  const release = own.find((one) => one.slug === "release-a-version");
  if (release === undefined) {
    return {};
  }
  const shown = previewOf(release, inventory)?.service.name === name && waypointOf(release.service) !== undefined;
  return {
    ...waypointLabels(labelsOfService(inventory, release.service)),
    ...(shown ? { [ingressUseWaypointLabel]: "true" } : {}),
  };
}

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
