/** Versions of a service and where its pods run; gateways with their certificates. Pure. */
import type { GoldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { waypointClass } from "@/server/inventory/labels.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";

type ServiceOption = GoldenPathOptions["services"][number];

export const versionsOf = ({ pods }: InventoryService): ServiceOption["versions"] =>
  [...Map.groupBy(pods, ({ version }) => version)]
    .map(([version, same]) => ({ version, pods: same.length }))
    .sort((one, other) => (one.version < other.version ? -1 : 1));

export function placesOf({ pods }: InventoryService, { nodes }: Inventory): ServiceOption["places"] {
  const places = pods.map((pod) => nodes.find(({ name }) => name === pod.node));
  return [...Map.groupBy(places, (node) => `${node?.region ?? ""} ${node?.zone ?? ""}`).values()]
    .map((same) => ({ region: same[0]?.region ?? "", zone: same[0]?.zone ?? "", pods: same.length }))
    .sort((one, other) => (`${one.region} ${one.zone}` < `${other.region} ${other.zone}` ? -1 : 1));
}

/** Ingress gateways. A certificate of another namespace is `<namespace>/<name>`. */
export const gatewaysOf = ({ gateways, objects }: Inventory): GoldenPathOptions["gateways"] =>
  gateways
    .filter(({ className }) => className !== waypointClass)
    .map(({ namespace, name, hosts, programmed }) => {
      const object = objects.gateways.find(
        ({ metadata }) => metadata?.namespace === namespace && metadata?.name === name,
      );
      const certificates = (object?.spec?.listeners ?? []).flatMap(({ tls }) =>
        (tls?.certificateRefs ?? []).map((ref) =>
          ref.namespace === undefined || ref.namespace === namespace ? ref.name : `${ref.namespace}/${ref.name}`,
        ),
      );
      return {
        namespace,
        name,
        hosts: [...hosts],
        ready: programmed,
        certificates: [...new Set(certificates)].sort(),
      };
    });
