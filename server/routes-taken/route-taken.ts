/** Which rule of which route a request takes. Pure; the order is Gateway API's and Istio's. */
import type { HttpRouteMatch } from "@/mesh-runtime/api/gateway-api/http-match.ts";
import type { HTTPRoute, HTTPRouteRule } from "@/mesh-runtime/api/httproute.ts";
import type { VirtualServiceHttpRule } from "@/mesh-runtime/api/istio/http-rule.ts";
import type { VirtualService } from "@/mesh-runtime/api/virtualservice.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { any, type Certainty, type RoutedRequest, routeMatchHolds, virtualMatchHolds } from "./conditions.ts";

/** A rule that may take a request. */
export type TakenRule =
  | { readonly kind: "HTTPRoute"; readonly object: HTTPRoute; readonly index: number; readonly rule: HTTPRouteRule }
  | {
      readonly kind: "VirtualService";
      readonly object: VirtualService;
      readonly index: number;
      readonly rule: VirtualServiceHttpRule;
    };

/**
 * `default`: no route is about the service, requests go to its pods. `nowhere`: routes are, and none has a rule for the
 * request (404). `unclear`: it depends on what is not known; `routed` where some rule takes it all the same.
 */
export type RouteTaken =
  | { readonly kind: "rule"; readonly taken: TakenRule }
  | { readonly kind: "default" | "nowhere" }
  | { readonly kind: "unclear"; readonly routed: boolean };

interface Candidate {
  readonly taken: TakenRule;
  readonly holds: Certainty;
}

/** At the waypoint of a service. */
export function routeToService(service: ServiceRef, request: RoutedRequest, { objects }: Inventory): RouteTaken {
  const routes = objects.routes.filter((route) => isMeshRoute(route, service, request.port));
  if (routes.length > 0) {
    return first(httpCandidates(routes, request));
  }
  const virtual = objects.virtualServices
    .filter((one) => isMeshService(one, service))
    .toSorted(byAge)
    .slice(0, 1);
  return virtual.length === 0 ? { kind: "default" } : first(virtual.flatMap((one) => virtualCandidates(one, request)));
}

/** At an ingress gateway, for a host. */
export function routeAtGateway(
  gateway: ServiceRef,
  host: string,
  request: RoutedRequest,
  { objects }: Inventory,
): RouteTaken {
  const attached = objects.routes.filter((route) => parentsOf(route, "Gateway", gateway).length > 0);
  const name = host.replace(/:\d+$/, "").toLowerCase();
  const fits = attached.filter(({ spec }) => {
    const hostnames = spec?.hostnames ?? [];
    return hostnames.length === 0 || hostnames.some((one) => hostFits(one, name));
  });
  const found = first(httpCandidates(fits, request));
  return found.kind === "default" ? { kind: "nowhere" } : found;
}

function hostFits(pattern: string, host: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1).toLowerCase()) : pattern.toLowerCase() === host;
}

function first(candidates: readonly Candidate[]): RouteTaken {
  const possible = candidates.find(({ holds }) => holds !== "no");
  return possible === undefined
    ? { kind: "nowhere" }
    : possible.holds === "yes"
      ? { kind: "rule", taken: possible.taken }
      : { kind: "unclear", routed: candidates.some(({ holds }) => holds === "yes") };
}

/** Whether any rule takes the request; for impact, where it does not matter which. */
export function isRouted(route: RouteTaken): Certainty {
  if (route.kind === "unclear") {
    return route.routed ? "yes" : "maybe";
  }
  return route.kind === "nowhere" ? "no" : "yes";
}

type Parent = NonNullable<NonNullable<HTTPRoute["spec"]>["parentRefs"]>[number];

const parentsOf = (route: HTTPRoute, kind: "Service" | "Gateway", target: ServiceRef): Parent[] =>
  (route.spec?.parentRefs ?? []).filter(
    (parent) =>
      (parent.kind ?? "Gateway") === kind &&
      (parent.group ?? "gateway.networking.k8s.io") === (kind === "Gateway" ? "gateway.networking.k8s.io" : "") &&
      parent.name === target.name &&
      (parent.namespace ?? route.metadata?.namespace) === target.namespace &&
      !isRefused(route, parent),
  );

/** The control plane said that the parent does not take it. */
const isRefused = ({ status }: HTTPRoute, parent: Parent): boolean =>
  (status?.parents ?? []).some(
    ({ parentRef, conditions }) =>
      parentRef?.name === parent.name &&
      parentRef.port === parent.port &&
      (conditions ?? []).some(({ type, status: is }) => type === "Accepted" && is === "False"),
  );

/** A producer's route: in the namespace of the service, which is its parent. */
const isMeshRoute = (route: HTTPRoute, service: ServiceRef, port: number): boolean =>
  route.metadata?.namespace === service.namespace &&
  parentsOf(route, "Service", service).some((parent) => parent.port === undefined || parent.port === port);

/** Hosts of a VirtualService as `<name>.<namespace>`. */
const isMeshService = ({ metadata, spec }: VirtualService, { namespace, name }: ServiceRef): boolean =>
  metadata?.namespace === namespace &&
  (spec?.gateways ?? ["mesh"]).includes("mesh") &&
  (spec?.http ?? []).length > 0 &&
  (spec?.hosts ?? []).some((host) =>
    [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`].includes(host),
  );

interface Aged {
  readonly metadata?:
    | {
        readonly creationTimestamp?: string | null | undefined;
        readonly name?: string | undefined;
        readonly namespace?: string | undefined;
      }
    | undefined;
}
const ageKey = ({ metadata }: Aged): string =>
  `${metadata?.creationTimestamp ?? "9"} ${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
const byAge = (one: Aged, other: Aged): number => (ageKey(one) < ageKey(other) ? -1 : 1);

const virtualCandidates = (object: VirtualService, request: RoutedRequest): Candidate[] =>
  (object.spec?.http ?? []).map((rule, index) => ({
    taken: { kind: "VirtualService", object, index, rule },
    holds:
      (rule.match ?? []).length === 0
        ? "yes"
        : any((rule.match ?? []).map((match) => virtualMatchHolds(match, request))),
  }));

/** All matches of all rules, most specific first (Gateway API, HTTPRouteRule.matches). */
function httpCandidates(routes: readonly HTTPRoute[], request: RoutedRequest): Candidate[] {
  const found = routes.toSorted(byAge).flatMap((object) =>
    (object.spec?.rules ?? [{}]).flatMap((rule, index) =>
      matchesOf(rule).map((match) => ({
        candidate: {
          taken: { kind: "HTTPRoute" as const, object, index, rule },
          holds: routeMatchHolds(match, request),
        },
        rank: specificity(match),
      })),
    ),
  );
  return found.toSorted((one, other) => compareRanks(other.rank, one.rank)).map(({ candidate }) => candidate);
}

const matchesOf = ({ matches }: HTTPRouteRule): readonly HttpRouteMatch[] =>
  matches === undefined || matches.length === 0 ? [{}] : matches;

/** Exact paths first, then prefixes by length, then expressions; then a method, headers, query parameters. */
function specificity({ path, method, headers, queryParams }: HttpRouteMatch): readonly number[] {
  const { type = "PathPrefix", value = "/" } = path ?? {};
  const byType = { Exact: 2, PathPrefix: 1, RegularExpression: 0 }[type];
  return [
    byType,
    type === "PathPrefix" ? value.length : 0,
    method === undefined ? 0 : 1,
    headers?.length ?? 0,
    queryParams?.length ?? 0,
  ];
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((value, at) => value !== other[at]);
  return index === -1 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}
