/**
 * Shares that hold for a service from the moment when its release went back, until the change that puts them into the
 * books: whatever else is written meanwhile, from an older plan say, routes as they say.
 */
import * as z from "zod";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { Applied, Cluster } from "@/server/cluster/cluster.ts";
import type { ResourceRef, ServiceRef } from "@/server/contracts/names.ts";
import { type Database, type Transaction, toJson } from "@/server/db/client.ts";
import { intentsOfResource } from "@/server/golden-paths/from-manifest.ts";
import {
  changeIntents,
  type IntentOf,
  type IntentSet,
  intent,
  intentKey,
  intentSet,
  intentsOf,
  isServiceIntent,
} from "@/server/golden-paths/intent.ts";
import { render } from "@/server/golden-paths/render.ts";
import { type Rendered, sameResource } from "@/server/golden-paths/resource.ts";
import { versionServiceName } from "@/server/golden-paths/service-routes/service-host.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import type { Inventory } from "@/server/inventory/model.ts";

export type SharesIntent = IntentOf<"release-a-version">;

const prefix = "held-shares/";
const settingOf = ({ namespace, name }: ServiceRef): string => `${prefix}${namespace}/${name}`;
const stored = z.strictObject({ rolloutId: z.string(), intent });

/** Durable when it comes back. One for a service: the latest counts. */
export async function holdShares(db: Database, rolloutId: string, shares: SharesIntent): Promise<void> {
  const key = settingOf(shares.service);
  const value = toJson({ rolloutId, intent: shares });
  await db.setting.upsert({ where: { key }, create: { key, value }, update: { value } });
}

/** The books say so by now, or the release wants something else. */
export async function letSharesGo(db: Database | Transaction, service: ServiceRef): Promise<void> {
  await db.setting.deleteMany({ where: { key: settingOf(service) } });
}

/** All that are held, by the key of their intent. */
export async function readHeldShares(db: Database): Promise<IntentSet> {
  const rows = await db.setting.findMany({ where: { key: { startsWith: prefix } } });
  return intentSet(
    rows.flatMap(({ value }) => {
      const held = stored.safeParse(value);
      return held.success ? [held.data.intent] : [];
    }),
  );
}

/** Kinds that send requests to versions. */
export const isRoute = ({ kind }: { readonly kind: string }): boolean =>
  kind === "HTTPRoute" || kind === "VirtualService";

/**
 * A route of the service with these shares and whatever else its intents say; undefined when they say nothing of the
 * service, or do not render such a route. Pure.
 */
export function routeWith(shares: SharesIntent, route: KubeObject, inventory: Inventory): Rendered | undefined {
  const planned = intentsOfResource(route).filter(isServiceIntent);
  if (!planned.some(({ service }) => isSame(service, shares.service))) {
    return undefined;
  }
  const next = changeIntents(intentSet(planned), [{ key: intentKey(shares), before: undefined, after: shares }]);
  const { kind = "", metadata } = route;
  return render(next, inventory).get(`${kind} ${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`);
}

/** A rendered route with the held shares in place of those that it was planned with. Pure. */
function withHeldShares(route: Rendered, held: readonly SharesIntent[], inventory: Inventory): Rendered {
  for (const shares of held) {
    const other = routeWith(shares, route as KubeObject, inventory);
    if (other !== undefined) {
      return other;
    }
  }
  return route;
}

const isSame = (one: ServiceRef, other: ServiceRef): boolean =>
  one.namespace === other.namespace && one.name === other.name;

const sendsTo = ({ service, stable, canary }: SharesIntent, { namespace, name }: ResourceRef): boolean =>
  namespace === service.namespace &&
  [stable, canary].some((version) => version !== null && versionServiceName(service, version) === name);

/**
 * A cluster that writes routes with held shares, and leaves the Services that these need. It looks before it writes, so that calls do not flip back for a moment,
 * and again afterwards: shares that were held in between were written before it.
 */
export function underHeldShares(cluster: Cluster, db: Database, inventory: Pick<LiveInventory, "current">): Cluster {
  const rerouted = async (route: Applied): Promise<Rendered> => {
    const held = await readHeldShares(db);
    return held.size === 0 ? route : withHeldShares(route, intentsOf(held, "release-a-version"), inventory.current);
  };
  const apply: Cluster["apply"] = async (object, options = {}) => {
    if (options.dryRun === true || !isRoute(object)) {
      return cluster.apply(object, options);
    }
    const first = await rerouted(object);
    const answer = await cluster.apply(first, options);
    const second = await rerouted(object);
    return sameResource(first, second) ? answer : cluster.apply(second, { ...options, force: true });
  };
  const remove: Cluster["remove"] = async (ref, options = {}) => {
    const held = ref.kind === "Service" && options.dryRun !== true ? await readHeldShares(db) : undefined;
    // Calls go there again: the change that follows says whether it is still needed.
    if (held === undefined || !intentsOf(held, "release-a-version").some((shares) => sendsTo(shares, ref))) {
      await cluster.remove(ref, options);
    }
  };
  const own = { apply, remove };
  return new Proxy(cluster, {
    get: (target, name): unknown => (name in own ? Reflect.get(own, name) : Reflect.get(target, name)),
  });
}
