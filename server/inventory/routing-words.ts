/** Routes, traffic and limits in plain English, one sentence each. Pure. */
import type { DestinationRule } from "@/mesh-runtime/api/destinationrule.ts";
import type { HTTPRoute, HTTPRouteRule } from "@/mesh-runtime/api/httproute.ts";
import type { RateLimitPolicy } from "@/mesh-runtime/api/ratelimitpolicy.ts";
import type { RequestAuthentication } from "@/mesh-runtime/api/requestauthentication.ts";
import type { VirtualService } from "@/mesh-runtime/api/virtualservice.ts";

type HttpRule = NonNullable<NonNullable<VirtualService["spec"]>["http"]>[number];

/** As a sentence: parts joined by "; ", a capital in front, a full stop behind. */
function sentence(parts: readonly string[], otherwise: string): string {
  const text = [...new Set(parts.filter((part) => part !== ""))].join("; ") || otherwise;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const rules = (count: number): string => (count > 1 ? `${count} rules` : "");

/** "90 % to v1 and 10 % to v2"; empty for one destination. */
function split(ends: readonly { readonly name: string; readonly weight: number }[]): string {
  const total = ends.reduce((sum, { weight }) => sum + weight, 0);
  if (ends.length < 2 || total === 0) {
    return ends.length === 0 ? "" : `to ${[...new Set(ends.map(({ name }) => name))].join(", ")}`;
  }
  const shares = ends.map(({ name, weight }) => `${Math.round((weight / total) * 1_000) / 10} % to ${name}`);
  return shares.length < 3 ? shares.join(" and ") : `${shares.slice(0, -1).join(", ")} and ${shares.at(-1) ?? ""}`;
}

type Header = { readonly name: string; readonly value?: string | undefined };
const headerWords = ({ name, value }: Header): string => (value === undefined ? name : `${name}: ${value}`);

function matchWords(rule: HTTPRouteRule): string {
  const seen = (rule.matches ?? []).flatMap(({ headers, method, path, queryParams }) => [
    ...(method === undefined ? [] : [method]),
    ...(path?.value === undefined || path.value === "/" ? [] : [path.value]),
    ...(headers ?? []).map(headerWords),
    ...(queryParams ?? []).map(({ name, value }) => `?${name}=${value}`),
  ]);
  return seen.length === 0 ? "" : `${seen.slice(0, 4).join(", ")}${seen.length > 4 ? " and others" : ""}: `;
}

const filterWords: Readonly<Record<string, string>> = {
  RequestHeaderModifier: "changes headers of requests",
  ResponseHeaderModifier: "changes headers of responses",
  RequestMirror: "mirrors requests",
  RequestRedirect: "redirects",
  URLRewrite: "rewrites host or path",
  CORS: "answers CORS",
};

/** What an HTTPRoute does. */
export function httpRouteWords({ spec }: HTTPRoute): string {
  const all = spec?.rules ?? [];
  return sentence(
    [
      rules(all.length),
      ...all.map((rule) => {
        const ends = (rule.backendRefs ?? []).map(({ name, weight }) => ({ name, weight: weight ?? 1 }));
        return ends.length === 0 ? "" : `${matchWords(rule)}${split(ends)}`;
      }),
      ...all.flatMap(({ filters }) => (filters ?? []).map(({ type }) => filterWords[type] ?? "")),
      ...all.map(({ retry }) => (retry?.attempts ? `tries up to ${retry.attempts} more times` : "")),
      ...all.map(({ timeouts }) => (timeouts?.request === undefined ? "" : `gives up after ${timeouts.request}`)),
      ...all.map(({ timeouts }) =>
        timeouts?.backendRequest === undefined ? "" : `${timeouts.backendRequest} for each try`,
      ),
      ...all.map(({ sessionPersistence }) => (sessionPersistence ? "keeps a client at one pod" : "")),
    ],
    "sends requests on unchanged",
  );
}

interface RuleWithBackends {
  readonly backendRefs?: readonly { readonly name: string; readonly weight?: number | undefined }[] | undefined;
}

/** What a route of another kind does: where to, and by which weights. */
export function backendWords(all: readonly RuleWithBackends[]): string {
  return sentence(
    [
      rules(all.length),
      ...all.map(({ backendRefs }) =>
        split((backendRefs ?? []).map(({ name, weight }) => ({ name, weight: weight ?? 1 }))),
      ),
    ],
    "sends requests on unchanged",
  );
}

const destinationName = ({ host, subset }: { host: string; subset?: string | undefined }): string =>
  subset === undefined ? host : `${host.split(".")[0] ?? host} ${subset}`;

function virtualRuleWords(rule: HttpRule): string[] {
  const { route, retries, timeout, fault, mirror, mirrors, redirect, directResponse, rewrite } = rule;
  const ends = (route ?? []).map(({ destination, weight }) => ({
    name: destinationName(destination),
    weight: weight ?? (route?.length === 1 ? 100 : 0),
  }));
  const headers = (rule.match ?? []).flatMap((match) => Object.keys(match.headers ?? {}));
  return [
    ends.length === 0 ? "" : `${headers.length === 0 ? "" : `${headers.join(", ")}: `}${split(ends)}`,
    retries?.attempts ? `tries up to ${retries.attempts} more times` : "",
    timeout === undefined ? "" : `gives up after ${timeout}`,
    fault === undefined ? "" : "injects faults",
    mirror === undefined && (mirrors ?? []).length === 0 ? "" : "mirrors requests",
    redirect === undefined ? "" : "redirects",
    directResponse === undefined ? "" : `answers ${directResponse.status} itself`,
    rewrite === undefined ? "" : "rewrites host or path",
  ];
}

/** What a VirtualService does. */
export function virtualServiceWords({ spec }: VirtualService): string {
  const http = spec?.http ?? [];
  const tcp = (spec?.tcp ?? []).length + (spec?.tls ?? []).length;
  return sentence(
    [rules(http.length), ...http.flatMap(virtualRuleWords), tcp > 0 ? "routes connections" : ""],
    "sends requests on unchanged",
  );
}

/** What a DestinationRule does. */
export function destinationRuleWords({ spec }: DestinationRule): string {
  const { trafficPolicy: policy, subsets = [] } = spec ?? {};
  const { outlierDetection: outliers, connectionPool: pool, loadBalancer } = policy ?? {};
  const limits = [
    pool?.tcp?.maxConnections && `${pool.tcp.maxConnections} connections`,
    pool?.http?.http1MaxPendingRequests && `${pool.http.http1MaxPendingRequests} waiting requests`,
    pool?.http?.http2MaxRequests && `${pool.http.http2MaxRequests} requests at once`,
    pool?.http?.maxRetries && `${pool.http.maxRetries} retries at once`,
  ].filter((limit) => typeof limit === "string");
  return sentence(
    [
      subsets.length === 0 ? "" : `names ${subsets.map(({ name }) => name).join(", ")}`,
      outliers === undefined
        ? ""
        : `leaves out pods that fail, for ${outliers.baseEjectionTime ?? "30s"} and longer each time`,
      limits.length === 0 ? "" : `at most ${limits.join(", ")}`,
      loadBalancer?.simple === undefined ? "" : `balances by ${loadBalancer.simple.toLowerCase().replaceAll("_", " ")}`,
      loadBalancer?.consistentHash === undefined ? "" : "keeps callers at one pod",
      loadBalancer?.localityLbSetting === undefined ? "" : "prefers pods nearby",
      policy?.retryBudget === undefined ? "" : "limits retries by a budget",
      policy?.tls === undefined ? "" : "sets TLS",
    ],
    "changes nothing",
  );
}

const perWords = { Total: "in all", Identity: "for each caller", Header: "for each value of" } as const;

/** What a RateLimitPolicy allows. */
export function rateLimitWords({ spec }: RateLimitPolicy): string {
  const limits = (spec?.limits ?? []).map(({ requests, interval, per = "Total", header, matches, overrides }) => {
    const whom = per === "Header" ? `${perWords.Header} ${header ?? ""}` : perWords[per];
    const some = (matches ?? []).length > 0 ? ", of some requests" : "";
    const other = (overrides ?? []).length > 0 ? `, ${overrides?.length} with a limit of their own` : "";
    return `at most ${requests.toLocaleString("en")} in ${interval} ${whom}${some}${other}`;
  });
  return sentence(limits, "limits nothing");
}

/** What a RequestAuthentication asks of tokens. */
export function requestAuthenticationWords({ spec }: RequestAuthentication): string {
  const issuers = (spec?.jwtRules ?? []).map(({ issuer }) => issuer ?? "any issuer");
  return issuers.length === 0
    ? "Understands no token."
    : `Refuses bad tokens of ${issuers.join(", ")}; a request without a token passes.`;
}
