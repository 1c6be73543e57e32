/** What routes, limits and protects calls besides policies: five kinds as one shape. Pure. */
import type { DestinationRule } from "@/mesh-runtime/api/destinationrule.ts";
import type { GRPCRoute } from "@/mesh-runtime/api/grpcroute.ts";
import type { HTTPRoute } from "@/mesh-runtime/api/httproute.ts";
import type { RateLimitPolicy } from "@/mesh-runtime/api/ratelimitpolicy.ts";
import type { RequestAuthentication } from "@/mesh-runtime/api/requestauthentication.ts";
import type { VirtualService } from "@/mesh-runtime/api/virtualservice.ts";
import { managedByLabel, managedByTowpath } from "./labels.ts";
import type { InventoryRouting, RoutingCondition } from "./model.ts";
import type { RoutingObjects } from "./routing-objects.ts";
import {
  backendWords,
  destinationRuleWords,
  httpRouteWords,
  rateLimitWords,
  requestAuthenticationWords,
  virtualServiceWords,
} from "./routing-words.ts";

interface KubeLike {
  readonly metadata?:
    | {
        readonly name?: string | undefined;
        readonly namespace?: string | undefined;
        readonly labels?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  readonly status?: unknown;
}

export type { RoutingObjects };

const gatewayApi = "gateway.networking.k8s.io/v1";

/** Everything, by kind, namespace and name. */
export function routingOf(objects: RoutingObjects): InventoryRouting[] {
  const found: InventoryRouting[] = [
    ...objects.routes.map((route) => ofRoute("HTTPRoute", route, httpRouteWords(route))),
    ...objects.grpcRoutes.map((route) => ofRoute("GRPCRoute", route, backendWords(route.spec?.rules ?? []))),
    ...objects.virtualServices.map(ofVirtualService),
    ...objects.destinationRules.map(ofDestinationRule),
    ...objects.rateLimitPolicies.map(ofRateLimit),
    ...objects.requestAuthentications.map(ofRequestAuthentication),
  ];
  return found.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

const keyOf = ({ resource: { kind, namespace, name } }: InventoryRouting): string => `${kind} ${namespace}/${name}`;

type Part = Partial<Pick<InventoryRouting, "services" | "hosts" | "backends" | "gateways" | "selector">>;

function toRouting(apiVersion: string, kind: string, object: KubeLike, sentence: string, part: Part): InventoryRouting {
  const { name = "", namespace = "", labels } = object.metadata ?? {};
  return {
    resource: { apiVersion, kind, namespace, name },
    managedByTowpath: labels?.[managedByLabel] === managedByTowpath,
    services: [],
    hosts: [],
    backends: [],
    gateways: [],
    selector: undefined,
    ...part,
    sentence,
    conditions: conditionsOf(object.status),
  };
}

interface Reference {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name: string;
}

const referring = (references: readonly Reference[], kind: string, otherwise: string, namespace: string): string[] => [
  ...new Set(
    references
      .filter((reference) => (reference.kind ?? otherwise) === kind)
      .map((reference) => `${reference.namespace ?? namespace}/${reference.name}`),
  ),
];

function ofRoute(kind: string, route: HTTPRoute | GRPCRoute, sentence: string): InventoryRouting {
  const namespace = route.metadata?.namespace ?? "";
  const parents: readonly Reference[] = route.spec?.parentRefs ?? [];
  const backends: readonly Reference[] = (route.spec?.rules ?? []).flatMap(
    ({ backendRefs }): readonly Reference[] => backendRefs ?? [],
  );
  return toRouting(gatewayApi, kind, route, sentence, {
    services: referring(parents, "Service", "Gateway", namespace),
    gateways: referring(parents, "Gateway", "Gateway", namespace),
    backends: referring(backends, "Service", "Service", namespace),
  });
}

const inNamespace = (host: string, namespace: string): string => (host.includes(".") ? host : `${host}.${namespace}`);

function ofVirtualService(object: VirtualService): InventoryRouting {
  const namespace = object.metadata?.namespace ?? "";
  return toRouting("networking.istio.io/v1", "VirtualService", object, virtualServiceWords(object), {
    hosts: (object.spec?.hosts ?? []).map((host) => inNamespace(host, namespace)),
  });
}

function ofDestinationRule(object: DestinationRule): InventoryRouting {
  const { host = "" } = object.spec ?? {};
  return toRouting("networking.istio.io/v1", "DestinationRule", object, destinationRuleWords(object), {
    hosts: [inNamespace(host, object.metadata?.namespace ?? "")],
  });
}

function ofRateLimit(object: RateLimitPolicy): InventoryRouting {
  const namespace = object.metadata?.namespace ?? "";
  const targets: readonly Reference[] = object.spec?.targetRefs ?? [];
  return toRouting("towpath.dev/v1alpha1", "RateLimitPolicy", object, rateLimitWords(object), {
    services: referring(targets, "Service", "Service", namespace),
    gateways: referring(targets, "Gateway", "Service", namespace),
  });
}

function ofRequestAuthentication(object: RequestAuthentication): InventoryRouting {
  const namespace = object.metadata?.namespace ?? "";
  const { targetRef, targetRefs, selector } = object.spec ?? {};
  const targets: readonly Reference[] = [...(targetRefs ?? []), ...(targetRef === undefined ? [] : [targetRef])];
  return toRouting(
    "security.istio.io/v1",
    "RequestAuthentication",
    object,
    requestAuthenticationWords(object),
    targets.length === 0
      ? { selector: selector?.matchLabels ?? {} }
      : {
          services: referring(targets, "Service", "Service", namespace),
          gateways: referring(targets, "Gateway", "Service", namespace),
        },
  );
}

interface RawCondition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Conditions of the object and, for a route, of each parent. */
function conditionsOf(status: unknown): RoutingCondition[] {
  const { conditions = [], parents = [] } = (status ?? {}) as {
    conditions?: readonly RawCondition[];
    parents?: readonly { conditions?: readonly RawCondition[]; parentRef?: { name?: string } }[];
  };
  const read = ({ type = "", status: is = "", reason = "", message = "" }: RawCondition, parent: string) => ({
    type,
    status: is,
    reason,
    message,
    parent,
  });
  return [
    ...conditions.map((condition) => read(condition, "")),
    ...parents.flatMap((parent) =>
      (parent.conditions ?? []).map((condition) => read(condition, parent.parentRef?.name ?? "")),
    ),
  ];
}
