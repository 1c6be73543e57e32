/** What others changed of a service's routes, and of what these stand on. */
import { type ChangeRow, stepsOf } from "@/server/changes/change-row.ts";
import { readIntents } from "@/server/changes/current-intents.ts";
import { readHeldShares } from "@/server/changes/held-shares.ts";
import { cachedObjects } from "@/server/changes/live-objects.ts";
import { isUnchanged } from "@/server/changes/proposal.ts";
import type { Cluster } from "@/server/cluster/cluster.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Database } from "@/server/db/client.ts";
import { type Drifted as Found, findDrifted } from "@/server/drift/drifted.ts";
import { otherWriter } from "@/server/drift/who.ts";
import { type IntentSet, intentSet, isServiceIntent } from "@/server/golden-paths/intent.ts";
import { render } from "@/server/golden-paths/render.ts";
import { canonical, type Rendered, resourceKey, sameResource } from "@/server/golden-paths/resource.ts";
import { foreignRoutes } from "@/server/golden-paths/service-routes/foreign-routes.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import type { Drifted } from "../ports.ts";
import { differenceWords } from "./route-words.ts";

/** What decides where a call goes. */
const kinds: ReadonlySet<string> = new Set(["HTTPRoute", "VirtualService", "Service", "DestinationRule"]);

const routeVersions = {
  HTTPRoute: "gateway.networking.k8s.io/v1",
  GRPCRoute: "gateway.networking.k8s.io/v1",
  VirtualService: "networking.istio.io/v1",
} as const;

interface DriftDeps {
  readonly db: Database;
  readonly cluster: Pick<Cluster, "get" | "read" | "revision">;
  readonly inventory: Pick<LiveInventory, "current">;
}

/** Services whose rendering is remembered. */
const servicesMax = 200;

export class RouteDrift {
  readonly #deps: DriftDeps;
  readonly #rendered = new Map<string, { readonly stands: string; readonly own: ReadonlyMap<string, Rendered> }>();

  constructor(deps: DriftDeps) {
    this.#deps = deps;
  }

  /** Empty while a change writes there, or while the books are behind. Throws what is unreachable. */
  async of(service: ServiceRef): Promise<readonly Drifted[]> {
    const books = await readBooks(this.#deps.db);
    if (books.held.has(`release-a-version/${service.namespace}/${service.name}`)) {
      return [];
    }
    const own = this.#ownOf(service, books.intents);
    const found = findDrifted(own, cachedObjects(this.#deps.cluster as Cluster), books.busy);
    const added = this.#addedTo(service, own);
    return found.length === 0 ? added : [...(await this.#certain(found, own, books)), ...added];
  }

  /** Routes of others beside ours that would have kept a release from starting: they came since. */
  #addedTo(service: ServiceRef, own: ReadonlyMap<string, Rendered>): Drifted[] {
    const kindsOfOurs = new Set([...own.values()].map(({ kind }) => kind));
    if (!kindsOfOurs.has("HTTPRoute") && !kindsOfOurs.has("VirtualService")) {
      return [];
    }
    return foreignRoutes(this.#deps.inventory.current, service)
      .filter(({ kind, takesAll }) => kindsOfOurs.has("VirtualService") || (kind !== "VirtualService" && takesAll))
      .map(({ kind, name }) => ({
        resource: { apiVersion: routeVersions[kind], kind, namespace: service.namespace, name },
        manager: otherWriter(this.#deps.cluster.get(kind, service.namespace, name)).by,
        words: `it was added and routes calls to ${service.name} as well`,
      }));
  }

  /** The copy may be behind the books by a moment, and the books may have moved meanwhile: both are read again. */
  async #certain(found: readonly Found[], own: ReadonlyMap<string, Rendered>, books: Books): Promise<Drifted[]> {
    const objects = new Map(
      await Promise.all(found.map(async ({ ref }) => [resourceKey(ref), await this.#deps.cluster.read(ref)] as const)),
    );
    const again = await readBooks(this.#deps.db);
    if (again.newest !== books.newest || again.held.size !== books.held.size || again.busy.size !== books.busy.size) {
      return [];
    }
    const drifted = new Set(found.map(({ ref }) => resourceKey(ref)));
    const suspects = new Map([...own].filter(([key]) => drifted.has(key)));
    return findDrifted(suspects, (ref) => objects.get(resourceKey(ref)), books.busy).map(
      ({ ref, kind, expected, live, object }) => ({
        resource: ref,
        manager: otherWriter(object).by,
        words: kind === "in-the-way" ? "somebody else made it" : differenceWords(expected, live),
      }),
    );
  }

  /** What the service's intents render, and nobody else's. */
  #ownOf(service: ServiceRef, intents: IntentSet): ReadonlyMap<string, Rendered> {
    const name = `${service.namespace}/${service.name}`;
    const stands = `${this.#deps.cluster.revision} ${canonical([...intents])}`;
    const known = this.#rendered.get(name);
    if (known?.stands === stands) {
      return known.own;
    }
    const inventory = this.#deps.inventory.current;
    const others = intentSet(
      [...intents.values()].filter(
        (one) =>
          !(isServiceIntent(one) && one.service.namespace === service.namespace && one.service.name === service.name),
      ),
    );
    const without = render(others, inventory);
    const own = new Map(
      [...render(intents, inventory)].filter(
        ([key, rendered]) => kinds.has(rendered.kind) && !sameResource(rendered, without.get(key)),
      ),
    );
    this.#rendered.delete(name);
    this.#rendered.set(name, { stands, own });
    const [oldest] = this.#rendered.keys();
    if (this.#rendered.size > servicesMax && oldest !== undefined) {
      this.#rendered.delete(oldest);
    }
    return own;
  }
}

interface Books {
  readonly intents: IntentSet;
  readonly held: IntentSet;
  /** What a change writes at this moment is neither before nor after. */
  readonly busy: ReadonlySet<string>;
  /** Number of the newest change. */
  readonly newest: number;
}

async function readBooks(db: Database): Promise<Books> {
  // Changes before intents: one that ends in between is left out for once.
  const [applying, newest] = await Promise.all([
    db.change.findMany({ where: { state: "applying" }, select: { resources: true } }),
    db.change.aggregate({ _max: { number: true } }),
  ]);
  const [intents, held] = await Promise.all([readIntents(db), readHeldShares(db)]);
  const steps = applying.flatMap((row: Pick<ChangeRow, "resources">) => stepsOf(row));
  return {
    intents,
    held,
    busy: new Set(steps.filter((step) => !isUnchanged(step)).map(({ ref }) => resourceKey(ref))),
    newest: newest._max.number ?? 0,
  };
}
