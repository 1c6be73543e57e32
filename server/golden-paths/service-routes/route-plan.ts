/**
 * How requests to one service are routed, whatever kind of resource says it: ordered rules, of which the first that
 * fits applies. Every path that routes writes into this; `render-http-route.ts` and `render-virtual-service.ts` read it.
 */
import type { ServiceRef } from "@/server/contracts/names.ts";
import type { ServiceIntent } from "../intent.ts";

/** A header with a value, or with one that an expression (RE2's) matches as a whole. Names in lower case. */
export interface HeaderCondition {
  readonly name: string;
  readonly value: string;
  readonly isPattern?: true;
}

/** Requests a rule is for: all that is named must hold. Nothing named: every request. */
export interface RouteCondition {
  /** By whole segments, without a slash at the end: `/api` is `/api` and `/api/…`. */
  readonly pathPrefix?: string;
  /** One of them. */
  readonly methods?: readonly string[];
  /** One of these sets, of which all must hold; in a set each header once. */
  readonly headers?: readonly (readonly HeaderCondition[])[];
}

/** A Service that requests are sent or copied to. */
export interface RouteDestination {
  readonly service: ServiceRef;
  /** Undefined: the port that was called. Services of the same ports have no other. */
  readonly port: number | undefined;
}

export interface WeightedDestination extends RouteDestination {
  /** Share among the destinations of the rule; 0 gets nothing. */
  readonly weight: number;
  /** Of answers that come from there alone. */
  readonly responseHeaders?: HeaderEdits;
}

export interface RouteRetry {
  /** Tries after the first; 0 forbids what the mesh does by itself. */
  readonly attempts: number;
  /** Answers that are tried again; connections that fail always are. Ascending. */
  readonly codes: readonly number[];
  /** Durations as Gateway API writes them. */
  readonly backoff: string;
  readonly perTry: string | undefined;
}

export interface RouteMirror extends RouteDestination {
  /** 0 to 100. */
  readonly percent: number;
}

export interface RouteFault {
  readonly delay: { readonly percent: number; readonly time: string } | undefined;
  readonly abort: { readonly percent: number; readonly status: number } | undefined;
}

/** Changes of headers: name and value, or names that are taken away. */
export interface HeaderEdits {
  readonly set?: readonly { readonly name: string; readonly value: string }[];
  readonly add?: readonly { readonly name: string; readonly value: string }[];
  readonly remove?: readonly string[];
}

/** What is done with the requests of a rule. */
export interface RouteAction {
  readonly destinations: readonly WeightedDestination[];
  /** For a request with all its tries; undefined: none. */
  readonly timeout: string | undefined;
  /** Undefined: what the mesh does by itself. */
  readonly retry: RouteRetry | undefined;
  readonly mirrors: readonly RouteMirror[];
  readonly fault: RouteFault | undefined;
  readonly requestHeaders: HeaderEdits | undefined;
  readonly responseHeaders: HeaderEdits | undefined;
}

export interface RouteRule extends RouteAction {
  /** Unique within the plan; told in metrics. */
  readonly name: string;
  readonly when: RouteCondition;
}

export interface RoutePlan {
  readonly service: ServiceRef;
  /** The last one takes everything: without it a route answers 404 to what no rule names. */
  readonly rules: readonly RouteRule[];
  /** What it stands for. */
  readonly intents: readonly ServiceIntent[];
}

/** The plan that changes nothing: everything goes to the service itself. */
export const passOn = (service: ServiceRef): RouteRule => ({
  name: "all",
  when: {},
  destinations: [{ service, port: undefined, weight: 1 }],
  timeout: undefined,
  retry: undefined,
  mirrors: [],
  fault: undefined,
  requestHeaders: undefined,
  responseHeaders: undefined,
});

/** Whether it needs what only a VirtualService can say (`resources.md` §14). */
export const needsVirtualService = ({ rules }: RoutePlan): boolean => rules.some(({ fault }) => fault !== undefined);

/** Gateway API takes at most so many rules in one route. */
export const rulesMax = 16;
/** And so many matches in all of them together. */
export const matchesMax = 128;

/**
 * Services that requests, or copies of them, get to, each once; those whose share is nothing just now, too: a share that
 * moves changes the route and nothing else.
 */
export function reachedBy({ rules }: RoutePlan): ServiceRef[] {
  const all = rules.flatMap(({ destinations, mirrors }) => [...destinations, ...mirrors]);
  const byKey = new Map(all.map(({ service }) => [`${service.namespace}/${service.name}`, service]));
  return [...byKey.values()];
}
