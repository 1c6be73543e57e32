/** Waypoints that must say whose call it is, so that routes can tell callers apart. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import type { PathContext } from "../path.ts";
import { partOf, type Rendered } from "../resource.ts";
import { type Surroundings, surroundingsOf } from "../surroundings.ts";

/**
 * Istio's annotation of a waypoint's Gateway: the waypoint writes the identity that it proved into the header
 * `x-forwarded-client-cert`, in the place of whatever came with the request.
 */
export const clientIdentityAnnotation = "ambient.istio.io/xfcc-include-client-identity";

/** The annotation on the waypoint of every service whose callers decide about the version. */
export function generateToldCallers({ intents, waypointOf }: Surroundings): Rendered[] {
  const waypoints = intentsOf(intents, "release-a-version")
    .filter(({ canary, match }) => canary !== null && match.some(({ by }) => by === "caller"))
    .flatMap(({ service }) => waypointOf(service) ?? []);
  const each = new Map(waypoints.map((one): [string, ServiceRef] => [`${one.namespace}/${one.name}`, one]));
  return [...each]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { namespace, name }]) =>
      partOf("Gateway", namespace, name, { annotations: { [clientIdentityAnnotation]: "true" } }),
    );
}

type Release = IntentOf<"release-a-version">;

const tells = (release: Release | undefined): boolean =>
  release !== undefined && release.canary !== null && release.match.some(({ by }) => by === "caller");

/** Namespaces of waypoints that start or stop to say whose call it is: their owners decide about that. */
export function callerPlan(
  before: Release | undefined,
  after: Release | undefined,
  { current, inventory }: Pick<PathContext, "current" | "inventory">,
): string[] {
  const service = (after ?? before)?.service;
  const waypoint = service === undefined ? undefined : surroundingsOf(current, inventory).waypointOf(service);
  return waypoint === undefined || tells(before) === tells(after) ? [] : [waypoint.namespace];
}
