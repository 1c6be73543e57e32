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
import { changeIntents, isServiceIntent } from "@/server/golden-paths/intent.ts";
import { render } from "@/server/golden-paths/render.ts";
import { apiVersions, type Rendered, refOf, resourceKey } from "@/server/golden-paths/resource.ts";
import type { Owner, Shares } from "../ports.ts";
import { sentTo } from "./backends.ts";
import type { TrafficDeps } from "./deps.ts";
import { readRelease } from "./release-facts.ts";
import { givesNoMore, intentOf, keyOf, nothingFor } from "./shares.ts";

/** Throws PortalError: the API does not answer, or the shares would give the new version more. */
export async function placeNow(owner: Owner, wanted: Shares, deps: TrafficDeps): Promise<void> {
  const { db, cluster, inventory } = deps;
  const { service, rolloutId } = owner;
  const { canary, intents, now } = await readRelease(owner, db);
  if (!(now === undefined ? nothingFor(wanted, canary) : givesNoMore(wanted, now, canary))) {
    throw new PortalError("not-in-this-state", `At once ${canary} can only get less calls. Take a step instead.`);
  }
  const held = intentOf(service, wanted);
  await holdShares(db, rolloutId, held);
  const next = changeIntents(intents, [{ key: keyOf(service), before: undefined, after: held }]);
  const booked = routesOf(service, render(next, inventory.current));
  const refs = new Map([
    ...[...booked].map(([key, route]) => [key, refOf(route)] as const),
    ...liveRoutes(service, deps).map((ref) => [resourceKey(ref), ref] as const),
  ]);
  const written = await Promise.all(
    [...refs].map(async ([key, ref]) => {
      const live = await cluster.read(ref);
      if (live === undefined) {
        return false;
      }
      // What a change has written since it was planned stays: of the live route nothing but the shares is another.
      const wantedRoute = routeWith(held, { ...live, kind: ref.kind }, inventory.current) ?? booked.get(key);
      if (wantedRoute !== undefined) {
        await write(wantedRoute, deps);
      }
      return true;
    }),
  ).catch((error: unknown) => {
    throw toPortalError(error);
  });
  if (!written.includes(true)) {
    // Somebody removed them, or the first change has not got there: then there may be nothing to send calls to.
    for (const route of booked.values()) {
      await write(route, deps).catch((error: unknown) => {
        throw toPortalError(error);
      });
    }
  }
}

/** Sends nothing to a Service that is not there: that would be worse than the shares. */
async function write(route: Rendered, { cluster }: TrafficDeps): Promise<void> {
  for (const { namespace, name } of sentTo(route)) {
    const known = cluster.get("Service", namespace, name);
    const ref = { apiVersion: apiVersions.Service, kind: "Service", namespace, name };
    if (known === undefined && (await cluster.read(ref)) === undefined) {
      throw new PortalError("not-in-this-state", `There is no Service ${namespace}/${name} to send the calls to yet.`);
    }
  }
  await cluster.apply(route, { force: true });
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
