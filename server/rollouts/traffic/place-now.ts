/**
 * The emergency brake: shares written straight to the routes of a service, before all else. What is written is held from
 * then on (`held-shares.ts`), so that a change that was planned before cannot bring the old shares back; `place` writes
 * the books afterwards. Cut off at any point it can be called again.
 */

import { toPortalError } from "@/server/changes/cluster-problem.ts";
import { holdShares, isRoute, routeWith } from "@/server/changes/held-shares.ts";
import type { ResourceRef, ServiceRef } from "@/server/contracts/names.ts";
import { PortalError } from "@/server/errors.ts";
import { intentsOfResource } from "@/server/golden-paths/from-manifest.ts";
import { changeIntents, type IntentSet, isServiceIntent } from "@/server/golden-paths/intent.ts";
import { render } from "@/server/golden-paths/render.ts";
import { apiVersions, type Rendered, refOf, resourceKey } from "@/server/golden-paths/resource.ts";
import type { Owner, Shares } from "../ports.ts";
import { sentTo } from "./backends.ts";
import type { TrafficDeps } from "./deps.ts";
import { readRelease } from "./release-facts.ts";
import { givesNoMore, intentOf, keyOf, nothingFor, type SharesIntent } from "./shares.ts";

/** Throws PortalError: the API does not answer, or the shares would give the new version more. */
export async function placeNow(owner: Owner, wanted: Shares, deps: TrafficDeps): Promise<void> {
  const { db, cluster } = deps;
  const { service, rolloutId } = owner;
  const { canary, intents, now } = await readRelease(owner, db);
  if (!(now === undefined ? nothingFor(wanted, canary) : givesNoMore(wanted, now, canary))) {
    throw new PortalError("not-in-this-state", `At once ${canary} can only get less calls. Take a step instead.`);
  }
  const held = intentOf(service, wanted);
  const routes = await toWrite(
    service,
    held,
    changeIntents(intents, [{ key: keyOf(service), before: undefined, after: held }]),
    deps,
  ).catch((error: unknown) => {
    throw toPortalError(error);
  });
  // Before the routes: whoever writes them from now on, or did a moment ago, finds it.
  await holdShares(db, rolloutId, held);
  await Promise.all(routes.map((route) => cluster.apply(route, { force: true }))).catch((error: unknown) => {
    throw toPortalError(error);
  });
}

/** The service's routes with the shares. Throws what is unreachable, and PortalError where calls would go nowhere. */
async function toWrite(
  service: ServiceRef,
  held: SharesIntent,
  next: IntentSet,
  deps: TrafficDeps,
): Promise<Rendered[]> {
  const { cluster, inventory } = deps;
  const booked = routesOf(service, render(next, inventory.current));
  const refs = new Map([
    ...[...booked].map(([key, route]) => [key, refOf(route)] as const),
    ...liveRoutes(service, deps).map((ref) => [resourceKey(ref), ref] as const),
  ]);
  const live = await Promise.all(
    [...refs].map(async ([key, ref]) => {
      const object = await cluster.read(ref);
      // What a change has written since it was planned stays: of the live route nothing but the shares is another.
      return object === undefined
        ? undefined
        : (routeWith(held, { ...object, kind: ref.kind }, inventory.current) ?? booked.get(key));
    }),
  );
  const found = live.filter((route) => route !== undefined);
  // None: somebody removed them, or the first change has not got there.
  const routes = found.length > 0 ? found : [...booked.values()];
  for (const route of routes) {
    await mustLeadSomewhere(route, deps);
  }
  return routes;
}

/** Calls to a Service that is not there fail: that would be worse than the shares. Throws PortalError. */
async function mustLeadSomewhere(route: Rendered, { cluster }: TrafficDeps): Promise<void> {
  for (const { namespace, name } of sentTo(route)) {
    const known = cluster.get("Service", namespace, name);
    const ref = { apiVersion: apiVersions.Service, kind: "Service", namespace, name };
    if (known === undefined && (await cluster.read(ref)) === undefined) {
      throw new PortalError("not-in-this-state", `There is no Service ${namespace}/${name} to send the calls to yet.`);
    }
  }
}

const isAbout = (service: ServiceRef, route: Parameters<typeof intentsOfResource>[0]): boolean =>
  intentsOfResource(route).some(
    (one) =>
      isServiceIntent(one) &&
      one.slug !== "expose-to-the-outside" &&
      one.service.namespace === service.namespace &&
      one.service.name === service.name,
  );

/** Routes of calls inside the mesh; one at a gateway shares nothing. */
const isAtService = ({ kind, spec }: { readonly kind: string; readonly spec?: unknown }): boolean => {
  const { parentRefs = [] } = (spec ?? {}) as { readonly parentRefs?: readonly { readonly kind?: string }[] };
  return kind === "VirtualService" || parentRefs.some((parent) => parent.kind === "Service");
};

const routesOf = (service: ServiceRef, rendered: ReadonlyMap<string, Rendered>): ReadonlyMap<string, Rendered> =>
  new Map(
    [...rendered].filter(([, route]) => isRoute(route) && isAtService(route) && isAbout(service, asObject(route))),
  );

/** A change under way may have written a route of the other kind already. */
const liveRoutes = (service: ServiceRef, { cluster }: TrafficDeps): ResourceRef[] =>
  (["HTTPRoute", "VirtualService"] as const).flatMap((kind) =>
    cluster
      .list(kind)
      .filter((object) => isAtService({ kind, spec: object.spec }) && isAbout(service, { ...object, kind }))
      .map(({ metadata }) => ({
        apiVersion: apiVersions[kind],
        kind,
        namespace: metadata?.namespace ?? "",
        name: metadata?.name ?? "",
      })),
  );

const asObject = (route: Rendered): Parameters<typeof intentsOfResource>[0] =>
  route as Parameters<typeof intentsOfResource>[0];
