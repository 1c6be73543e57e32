import { intentsOf } from "../intent.ts";
import { managed, partOf, type Rendered } from "../resource.ts";
import { type Surroundings, waypointName } from "../surroundings.ts";
import { useWaypointLabel } from "../waypoint/named-waypoint.ts";

/**
 * A waypoint for all Services of a namespace, and the label that leads calls to it (`resources.md` §5). What stands behind
 * the Gateway is made by the control plane; how many pods there are belongs to whoever scales its Deployment, so that is
 * written only when more than one is asked for.
 */
export const generateWaypoints = ({ intents }: Surroundings): Rendered[] =>
  intentsOf(intents, "give-a-waypoint").flatMap((intent) => {
    const { namespace, replicas } = intent;
    const gateway = managed(
      "Gateway",
      namespace,
      waypointName,
      [intent],
      {
        gatewayClassName: "istio-waypoint",
        listeners: [
          {
            name: "mesh",
            port: 15_008,
            protocol: "HBONE",
            // As the API server fills it in, so that what is live compares equal.
            allowedRoutes: { namespaces: { from: "Same" } },
          },
        ],
      },
      { "istio.io/waypoint-for": "service" },
    );
    const scale = partOf("Deployment", namespace, waypointName, { spec: { replicas } });
    const label = partOf("Namespace", "", namespace, { labels: { [useWaypointLabel]: waypointName } });
    return [gateway, ...(replicas > 1 ? [scale] : []), label];
  });
