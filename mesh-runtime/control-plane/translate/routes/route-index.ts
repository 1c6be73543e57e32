import { keyOf } from "../input/lenient.ts";
import type { RouteInput } from "../input/route.ts";
import type { World } from "../input/world.ts";
import type { Memo } from "../memo.ts";
import { type TranslatedRoute, translateRoute } from "./routes.ts";

/** All routes of Gateway API, and who serves them. */
export interface RouteIndex {
  /** In order of kind, namespace and name. */
  readonly routes: readonly TranslatedRoute[];
  /** Routes that a Gateway's listeners serve, by store key of the Gateway. */
  ofGateway(key: string): readonly TranslatedRoute[];
  /** Routes that a Service's waypoint serves, by store key of the Service. */
  ofService(key: string): readonly TranslatedRoute[];
}

/** Translates all routes; one whose surroundings did not change stays the same. */
export function createRouteIndex(world: World, memo: Memo<TranslatedRoute>): RouteIndex {
  const grants = [...world.referenceGrants.values()];
  const inputs = [...sorted(world.grpcRoutes), ...sorted(world.httpRoutes)];
  const routes = inputs.map((input) =>
    memo(input, dependenciesOf(input, world, grants), () => translateRoute(input, world)),
  );
  const byGateway = new Map<string, TranslatedRoute[]>();
  const byService = new Map<string, TranslatedRoute[]>();
  for (const route of routes) {
    for (const key of route.attached.keys()) {
      push(byGateway, key, route);
    }
    for (const key of route.services.keys()) {
      push(byService, key, route);
    }
  }
  return {
    routes,
    ofGateway: (key) => byGateway.get(key) ?? [],
    ofService: (key) => byService.get(key) ?? [],
  };
}

/** Everything besides the route itself that its translation reads. */
function dependenciesOf(route: RouteInput, world: World, grants: readonly unknown[]): readonly unknown[] {
  const own = world.namespaces.get(route.namespace);
  const parents = route.parents.flatMap(({ group, kind, namespace, name }): readonly unknown[] =>
    group === ""
      ? [kind, world.services.get(`${namespace}/${name}`), world.namespaces.get(namespace)]
      : [world.gateways.get(`${namespace}/${name}`)],
  );
  const backends = route.rules.flatMap(({ filters, backends: refs }) => [
    ...refs.map((backend) => world.services.get(keyOf(backend))),
    ...filters.map((filter) => (filter.kind === "mirror" ? world.services.get(keyOf(filter.backend)) : "")),
  ]);
  return [own, ...parents, ...backends, ...grants];
}

const sorted = (routes: ReadonlyMap<string, RouteInput>): readonly RouteInput[] =>
  [...routes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, route]) => route);

function push(groups: Map<string, TranslatedRoute[]>, key: string, route: TranslatedRoute): void {
  const group = groups.get(key);
  if (group === undefined) {
    groups.set(key, [route]);
  } else {
    group.push(route);
  }
}
