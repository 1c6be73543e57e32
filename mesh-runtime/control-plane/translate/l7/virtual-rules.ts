import type { L7Backend, L7Filter, L7HeaderEdit, L7RouteMatch, L7RouteRule } from "../../../xds/proxy-config.ts";
import type { HeadersInput } from "../input/virtual-action.ts";
import type { DestinationInput, VirtualRuleInput } from "../input/virtual-rule.ts";
import type { VirtualServiceInput } from "../input/virtual-service.ts";
import type { World } from "../input/world.ts";
import { keyOfService } from "../service-address.ts";
import { clusterKey } from "./cluster-key.ts";
import { fullHost, serviceOfHost } from "./hosts.ts";

/** The rules of a VirtualService at one port, in their order. */
export function virtualRules(input: VirtualServiceInput, port: number, world: World): readonly L7RouteRule[] {
  return input.rules.flatMap((rule) => {
    if (rule.matches === undefined) {
      return [];
    }
    const matches = rule.matches.filter((match) => match.port === 0 || match.port === port);
    if (rule.matches.length > 0 && matches.length === 0) {
      return [];
    }
    return byPathEdit(rule, matches).map((group) => translateRule(rule, group, input, port, world));
  });
}

/**
 * A rewritten `uri` replaces the prefix that matched, and the whole path after any other match (Envoy `prefix_rewrite`):
 * matches of both kinds need rules of their own.
 */
function byPathEdit(rule: VirtualRuleInput, matches: readonly L7RouteMatch[]): readonly (readonly L7RouteMatch[])[] {
  const needed = (rule.rewrite?.uri ?? "") !== "" || rule.answer?.kind === "redirect";
  if (needed && matches.length === 0) {
    return [[everything]];
  }
  const prefixes = matches.filter(matchesPrefix);
  return !needed || prefixes.length === 0 || prefixes.length === matches.length
    ? [matches]
    : matches.map((match) => [match]);
}

/** What a rule without matches takes; a rewrite replaces its `/`. */
const everything: L7RouteMatch = {
  path: { type: "Prefix", value: "/", ignoreCase: false },
  method: undefined,
  headers: [],
  queryParams: [],
  authority: undefined,
  scheme: undefined,
  port: 0,
  sourceNamespace: "",
};

const matchesPrefix = ({ path }: L7RouteMatch): boolean => path.type === "Prefix" || path.type === "PathPrefix";

function translateRule(
  rule: VirtualRuleInput,
  matches: readonly L7RouteMatch[],
  input: VirtualServiceInput,
  port: number,
  world: World,
): L7RouteRule {
  // With one destination a rewrite of the rule goes before the destination's, with several it is the other way round.
  const hostIsSet = (rule.rewrite?.authority || rule.headers.authority) !== "" && rule.destinations.length === 1;
  const clusterOf = (destination: DestinationInput): string =>
    destinationCluster(destination, input.namespace, port, world) ?? "";
  const filters: L7Filter[] = [];
  if (rule.cors !== undefined) {
    filters.push(rule.cors);
  }
  if (rule.answer !== undefined) {
    const toPort = rule.redirectToCalledPort ? port : undefined;
    filters.push(
      ...edits(rule.headers),
      rule.answer.kind === "redirect" && toPort !== undefined ? { ...rule.answer, port: toPort } : rule.answer,
    );
  } else {
    filters.push(...edits(rule.headers), ...rewrites(rule, matches.every(matchesPrefix)));
    filters.push(
      ...rule.mirrors.map(
        (mirror) => ({ kind: "mirror", cluster: clusterOf(mirror), fraction: mirror.fraction }) as const,
      ),
    );
  }
  return {
    name: rule.name,
    matches,
    filters: filters.filter((filter) => filter.kind !== "mirror" || filter.cluster !== ""),
    backends:
      rule.answer === undefined
        ? rule.destinations.map(
            (destination): L7Backend => ({
              cluster: clusterOf(destination),
              weight: destination.weight,
              filters: [...edits(destination.headers), ...hostRewrite(hostIsSet ? "" : destination.headers.authority)],
            }),
          )
        : [],
    timeouts: rule.timeouts,
    retry: rule.retry,
    fault: rule.fault,
  };
}

/** The cluster of a destination; `undefined` when there is no such Service or port. */
export function destinationCluster(
  { host, subset, port }: DestinationInput,
  namespace: string,
  calledPort: number,
  world: World,
): string | undefined {
  const service = serviceOfHost(fullHost(host, namespace), world);
  const [only, ...more] = service?.ports ?? [];
  const number = port !== 0 ? port : only !== undefined && more.length === 0 ? only.port : calledPort;
  return service?.ports.some((candidate) => candidate.port === number) === true
    ? clusterKey({ service: keyOfService(service), port: number, subset })
    : undefined;
}

function edits({ request, response }: HeadersInput): L7Filter[] {
  const filter = (kind: "requestHeaders" | "responseHeaders", edit: L7HeaderEdit | undefined): L7Filter[] =>
    edit === undefined ? [] : [{ kind, edit }];
  return [...filter("requestHeaders", request), ...filter("responseHeaders", response)];
}

/** An authority in `rewrite` goes before one in `headers` (istio/istio `applyHTTPRouteDestination`). */
function rewrites({ rewrite, headers }: VirtualRuleInput, prefix: boolean): L7Filter[] {
  const hostname = rewrite?.authority || headers.authority;
  if (rewrite?.regex !== undefined) {
    return [{ kind: "rewrite", hostname, path: { kind: "regex", ...rewrite.regex } }];
  }
  if (rewrite !== undefined && rewrite.uri !== "") {
    return [{ kind: "rewrite", hostname, path: { kind: prefix ? "prefix" : "full", path: rewrite.uri } }];
  }
  return hostRewrite(hostname);
}

const hostRewrite = (hostname: string): L7Filter[] =>
  hostname === "" ? [] : [{ kind: "rewrite", hostname, path: undefined }];
