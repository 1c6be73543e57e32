/** Routes of Gateway API, HTTPRoute and GRPCRoute, as one shape. Pure. */
import type { GRPCRoute } from "@/mesh-runtime/api/grpcroute.ts";
import type { HTTPRoute } from "@/mesh-runtime/api/httproute.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { at, type Found, idOf, type Located, namespaceOf } from "./check.ts";

const gatewayGroup = "gateway.networking.k8s.io";

export interface RouteParent extends ServiceRef {
  readonly kind: "Service" | "Gateway";
  /** All ports when it names none. */
  readonly port: number | undefined;
}

/** A Service that a rule sends requests or copies to. */
export interface RouteBackend extends ServiceRef {
  readonly port: number | undefined;
  readonly copies: boolean;
}

export interface RouteRule {
  /** It takes every request that comes to it. */
  readonly takesAll: boolean;
  readonly backends: readonly RouteBackend[];
}

export interface AnyRoute {
  readonly kind: "HTTPRoute" | "GRPCRoute";
  readonly object: Located;
  readonly namespace: string;
  readonly parents: readonly RouteParent[];
  readonly rules: readonly RouteRule[];
}

const read = new WeakMap<object, AnyRoute>();

/** All routes, HTTPRoutes first. */
export const routesOf = ({ objects }: Inventory): AnyRoute[] => [
  ...objects.routes.map((route) => once("HTTPRoute", route)),
  ...objects.grpcRoutes.map((route) => once("GRPCRoute", route)),
];

/** Objects do not change: each is read once. */
function once(kind: AnyRoute["kind"], object: HTTPRoute | GRPCRoute): AnyRoute {
  const known = read.get(object) ?? toRoute(kind, object);
  read.set(object, known);
  return known;
}

function toRoute(kind: AnyRoute["kind"], object: HTTPRoute | GRPCRoute): AnyRoute {
  const own = namespaceOf(object);
  const rules: readonly RawRule[] = object.spec?.rules ?? [{}];
  return {
    kind,
    object,
    namespace: own,
    parents: (object.spec?.parentRefs ?? []).flatMap((ref): RouteParent[] => {
      const parent = ref.kind ?? "Gateway";
      const { group = gatewayGroup, namespace = own, name, port } = ref;
      const known = parent === "Gateway" ? group === gatewayGroup : parent === "Service" && group === "";
      return known ? [{ kind: parent === "Gateway" ? "Gateway" : "Service", namespace, name, port }] : [];
    }),
    rules: rules.map((rule) => toRule(rule, own)),
  };
}

interface RawBackend {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly port?: number | undefined;
}
interface RawMatch {
  readonly path?: { readonly type?: string | undefined; readonly value?: string | undefined } | undefined;
  readonly method?: unknown;
  readonly headers?: readonly unknown[] | undefined;
  readonly queryParams?: readonly unknown[] | undefined;
}
interface RawRule {
  readonly matches?: readonly RawMatch[] | undefined;
  readonly filters?:
    | readonly { readonly requestMirror?: { readonly backendRef?: RawBackend | undefined } | undefined }[]
    | undefined;
  readonly backendRefs?: readonly RawBackend[] | undefined;
}

function toRule({ matches = [], filters = [], backendRefs = [] }: RawRule, own: string): RouteRule {
  const mirrors = filters.flatMap(({ requestMirror }) =>
    requestMirror?.backendRef === undefined ? [] : [requestMirror.backendRef],
  );
  const toBackend =
    (copies: boolean) =>
    ({ group = "", kind = "Service", namespace = own, name, port }: RawBackend): RouteBackend[] =>
      kind === "Service" && group === "" ? [{ namespace, name, port, copies }] : [];
  return {
    takesAll: matches.length === 0 || matches.some(takesEverything),
    backends: [...backendRefs.flatMap(toBackend(false)), ...mirrors.flatMap(toBackend(true))],
  };
}

const takesEverything = ({ path, method, headers = [], queryParams = [] }: RawMatch): boolean =>
  method === undefined &&
  headers.length + queryParams.length === 0 &&
  (path?.type ?? "PathPrefix") === "PathPrefix" &&
  (path?.value ?? "/") === "/";

/** What is found at a route. */
export const atRoute = (
  { kind, object }: AnyRoute,
  code: Parameters<typeof at>[2],
  message: string,
  more: Parameters<typeof at>[4] = {},
): Found => at(kind, object, code, message, more);

/** A route about a Service that waypoints read: it stands in the service's own namespace. */
export interface ServiceRoute {
  readonly route: AnyRoute;
  readonly parent: RouteParent;
}

/** Those by Service, `<namespace>/<name>`. */
export const serviceRoutes = (inventory: Inventory): ReadonlyMap<string, readonly ServiceRoute[]> =>
  Map.groupBy(
    routesOf(inventory).flatMap((route) =>
      route.parents
        .filter(({ kind, namespace }) => kind === "Service" && namespace === route.namespace)
        .map((parent) => ({ route, parent })),
    ),
    ({ parent }) => idOf(parent),
  );

/** Whether a route is about that port of its parent. */
export const isAtPort = ({ parent }: ServiceRoute, port: number): boolean =>
  parent.port === undefined || parent.port === port;
