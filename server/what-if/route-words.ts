/** Where a request would go, and what happens on the way, in words. Pure. */
import type { HTTPRouteRule } from "@/mesh-runtime/api/httproute.ts";
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { WhatIf } from "@/server/contracts/what-if.ts";
import { count } from "@/server/golden-paths/path.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import type { RouteTaken, TakenRule } from "@/server/routes-taken/route-taken.ts";

type Route = WhatIf["route"];
type Backend = Route["backends"][number];

export const noRoute: Route = { resource: "", backends: [], words: [] };

interface Weighted {
  readonly service: ServiceRef;
  readonly subset: string;
  readonly weight: number;
}

/** Undefined route: no waypoint is in the way, the caller's agent picks a pod. */
export function routeWords(route: RouteTaken | undefined, service: ServiceRef, inventory: Inventory): Route {
  if (route === undefined || route.kind === "default") {
    return {
      resource: "",
      backends: versionsOf({ service, subset: "", weight: 1 }, 100, inventory),
      words: [
        ...(route === undefined ? [] : ["Tried again up to twice when the connection fails before an answer."]),
        ...besides([service], inventory),
      ],
    };
  }
  if (route.kind !== "rule") {
    return route.kind === "nowhere"
      ? noRoute
      : { ...noRoute, words: ["Which route it takes depends on an expression or a label that is not compared here."] };
  }
  const { taken } = route;
  const ends = endsOf(taken);
  const total = ends.reduce((sum, { weight }) => sum + weight, 0);
  return {
    resource: nameOf(taken),
    backends: ends
      .filter(({ weight }) => weight > 0)
      .flatMap((end) => versionsOf(end, (end.weight / total) * 100, inventory)),
    words: [
      ...(taken.kind === "HTTPRoute" ? httpWords(taken.rule) : virtualWords(taken.rule)),
      ...besides([service, ...ends.map((end) => end.service)], inventory),
    ],
  };
}

function nameOf({ kind, object, rule, index }: TakenRule): string {
  const { namespace = "", name = "" } = object.metadata ?? {};
  return `${kind} ${namespace}/${name}, rule ${rule.name ?? index}`;
}

function endsOf(taken: TakenRule): Weighted[] {
  const own = taken.object.metadata?.namespace ?? "";
  if (taken.kind === "HTTPRoute") {
    return (taken.rule.backendRefs ?? []).map(({ name, namespace = own, weight = 1 }) => ({
      service: { namespace, name },
      subset: "",
      weight,
    }));
  }
  const route = taken.rule.route ?? [];
  return route.map(({ destination: { host, subset = "" }, weight }) => {
    const [name = "", namespace = own] = host.split(".");
    return { service: { namespace, name }, subset, weight: weight ?? (route.length === 1 ? 1 : 0) };
  });
}

/** One entry a version of the pods that may answer. */
function versionsOf({ service, subset }: Weighted, percent: number, inventory: Inventory): Backend[] {
  const name = `${service.namespace}/${service.name}`;
  const pods = findService(inventory, service)?.pods ?? [];
  const versions = [...Map.groupBy(pods, ({ version }) => version)];
  if (subset !== "" || versions.length === 0) {
    return [{ service: name, version: subset, percent }];
  }
  return versions
    .map(([version, same]) => ({ service: name, version, percent: (percent * same.length) / pods.length }))
    .sort((one, other) => (one.version < other.version ? -1 : 1));
}

const tries = (attempts: number): string =>
  attempts === 0 ? "Never tried again." : `Tried again up to ${count(attempts, "time")}`;

function httpWords({ timeouts, retry, filters, backendRefs }: HTTPRouteRule): string[] {
  const codes = retry?.codes ?? [];
  return [
    ...((backendRefs ?? []).length === 0 && filters === undefined
      ? ["Nothing answers: the rule names no backend (500)."]
      : []),
    timeouts?.request === undefined ? "No limit of time." : `Given up after ${timeouts.request}.`,
    ...(timeouts?.backendRequest === undefined ? [] : [`One try takes at most ${timeouts.backendRequest}.`]),
    retry?.attempts === undefined
      ? "Tried again up to twice when the connection fails."
      : retry.attempts === 0
        ? tries(0)
        : `${tries(retry.attempts)}${codes.length === 0 ? " when the connection fails." : `, on ${codes.join(", ")} too.`}`,
    ...(filters ?? []).flatMap(({ type, requestMirror, requestRedirect }) => {
      switch (type) {
        case "RequestMirror":
          return requestMirror === undefined
            ? []
            : [`${mirroredPercent(requestMirror)} % are copied to ${requestMirror.backendRef.name}.`];
        case "RequestRedirect":
          return [
            `Answered with another address${requestRedirect?.hostname === undefined ? "" : ` at ${requestRedirect.hostname}`}.`,
          ];
        case "URLRewrite":
          return ["Its host or path is changed on the way."];
        case "RequestHeaderModifier":
          return ["Headers are changed on the way."];
        default:
          return [];
      }
    }),
  ];
}

const mirroredPercent = ({
  percent = 100,
  fraction,
}: {
  readonly percent?: number | undefined;
  readonly fraction?: { readonly numerator: number; readonly denominator?: number | undefined } | undefined;
}): number => (fraction === undefined ? percent : (fraction.numerator / (fraction.denominator ?? 100)) * 100);

function virtualWords({
  timeout,
  retries,
  fault,
  mirrors,
  mirror,
  redirect,
  directResponse,
}: Extract<TakenRule, { kind: "VirtualService" }>["rule"]): string[] {
  const { delay, abort } = fault ?? {};
  const share = (percentage: { readonly value?: number | undefined } | undefined): string =>
    `${percentage?.value ?? 0} %`;
  return [
    ...(delay === undefined ? [] : [`${share(delay.percentage)} wait ${delay.fixedDelay ?? "a while"} on purpose.`]),
    ...(abort === undefined
      ? []
      : [`${share(abort.percentage)} fail with ${abort.httpStatus ?? abort.grpcStatus ?? "an error"} on purpose.`]),
    timeout === undefined ? "No limit of time." : `Given up after ${timeout}.`,
    retries?.attempts === undefined
      ? "Tried again up to twice when the connection fails."
      : retries.attempts === 0
        ? tries(0)
        : `${tries(retries.attempts)}${retries.retryOn === undefined ? "." : ` on ${retries.retryOn}.`}`,
    ...[...(mirrors ?? []).map(({ destination }) => destination), ...(mirror === undefined ? [] : [mirror])].map(
      ({ host }) => `Copied to ${host}.`,
    ),
    ...(redirect === undefined ? [] : ["Answered with another address."]),
    ...(directResponse === undefined ? [] : [`Answered with ${directResponse.status} right away.`]),
  ];
}

/** Limits of rate and connections around it, as the inventory tells them. */
function besides(services: readonly ServiceRef[], { routing }: Inventory): string[] {
  const ids = new Set(services.map(({ namespace, name }) => `${namespace}/${name}`));
  const hosts = new Set(
    services.flatMap(({ namespace, name }) => [`${name}.${namespace}`, `${name}.${namespace}.svc.cluster.local`]),
  );
  return routing
    .filter(
      ({ resource, services: about, hosts: named }) =>
        (resource.kind === "RateLimitPolicy" && about.some((id) => ids.has(id))) ||
        (resource.kind === "DestinationRule" && named.some((host) => hosts.has(host))),
    )
    .map(({ sentence }) => sentence);
}
