import type { ProxyConfig } from "../../../../xds/proxy-config.ts";
import type { WantedCondition } from "../../conditions.ts";
import { keyOf } from "../../input/lenient.ts";
import type { ServiceInput } from "../../input/service.ts";
import type { DestinationInput } from "../../input/virtual-rule.ts";
import type { VirtualServiceInput } from "../../input/virtual-service.ts";
import { hostnameOf, keyOfService } from "../../service-address.ts";
import { type DestinationRuleLookup, isExportedTo } from "../destination-rules.ts";
import { fullHost, serviceOfHost, unknownHost } from "../hosts.ts";
import { portProtocol } from "../port-protocol.ts";
import { destinationCluster } from "../virtual-rules.ts";
import { closeness, virtualServiceOf } from "../virtual-services.ts";
import {
  type EffectContext,
  effective,
  ineffective,
  listed,
  type Problem,
  unsupportedFields,
  waypointProblem,
} from "./effect.ts";

/** Conditions of all VirtualServices, by key. */
export function virtualServiceEffects(
  context: EffectContext,
  rules: DestinationRuleLookup,
): ReadonlyMap<string, WantedCondition> {
  const { virtualServices } = context.world;
  const served = virtualServices.size === 0 ? new Map<string, Set<string>>() : servedRoutes(context.proxies);
  const around = { ...context, rules, served };
  return new Map([...virtualServices].map(([key, input]) => [key, effectOf(input, around)]));
}

type Surroundings = EffectContext & {
  readonly rules: DestinationRuleLookup;
  readonly served: ReadonlyMap<string, ReadonlySet<string>>;
};

/** Keys of the routes that waypoints have for each service (`<namespace>/<hostname>`); none for a service without any. */
function servedRoutes(proxies: readonly ProxyConfig[]): Map<string, Set<string>> {
  const served = new Map<string, Set<string>>();
  for (const { service, ports } of proxies.flatMap((proxy) => proxy.services)) {
    const keys = served.get(service) ?? new Set();
    served.set(service, keys);
    for (const { key } of ports.flatMap(({ routes }) => routes)) {
      keys.add(key);
    }
  }
  return served;
}

function effectOf(input: VirtualServiceInput, context: Surroundings): WantedCondition {
  const problem = ownProblem(input);
  if (problem !== undefined) {
    return ineffective(problem);
  }
  const services = servicesOf(input, context);
  const acting = services.filter((service) => actsOn(input, service, context));
  if (acting.length === 0) {
    return ineffective(whyIdle(input, services, context));
  }
  const where = `acts on ${listed(acting.map((service) => `service ${keyOf(service)}`))}`;
  const problems = [
    ...lostDestinations(input, acting, context),
    ...lostHosts(input, context),
    ...hostsLeftOut(input, services, acting, context),
    ...(input.passedOver.length === 0
      ? []
      : [{ reason: "UnsupportedField", message: unsupportedFields(input.passedOver) } as const]),
  ];
  const [first] = problems;
  if (first !== undefined) {
    const messages = problems.map(({ message }) => message);
    return ineffective({ reason: first.reason, message: [where, ...messages].join("; ") });
  }
  return hasCatchAll(input)
    ? effective(where)
    : effective(
        `${where}; requests that no rule matches are answered 404: add a rule without matches to keep them`,
        "NoCatchAll",
      );
}

/** Hosts that no Service has, beside others that are served. */
const lostHosts = (input: VirtualServiceInput, { world }: EffectContext): readonly Problem[] =>
  input.hosts
    .filter((host) => !host.startsWith("*") && serviceOfHost(fullHost(host, input.namespace), world) === undefined)
    .slice(0, 1)
    .map((host) => ({ reason: "HostNotFound", message: unknownHost(host, input.namespace) }));

/** Services that are named and do not get the routes; what a wildcard covers besides is no matter. */
function hostsLeftOut(
  input: VirtualServiceInput,
  services: readonly ServiceInput[],
  acting: readonly ServiceInput[],
  context: Surroundings,
): readonly Problem[] {
  const other = services.find((service) => !acting.includes(service));
  if (other === undefined || input.hosts.some((host) => host.startsWith("*"))) {
    return [];
  }
  const why = whyIdle(input, [other], context);
  return [{ reason: why.reason, message: `not on service ${keyOf(other)}: ${why.message}` }];
}

/** The Services that its hosts mean. */
function servicesOf(input: VirtualServiceInput, { world }: EffectContext): readonly ServiceInput[] {
  if (input.hosts.some((host) => host.startsWith("*"))) {
    return [...world.services.values()].filter(
      (service) => service.type !== "ExternalName" && closeness(input, hostnameOf(service)) >= 0,
    );
  }
  const named = input.hosts.map((host) => serviceOfHost(fullHost(host, input.namespace), world));
  return [...new Set(named)].filter((service) => service !== undefined);
}

/** What keeps it from acting on anything. */
function ownProblem({ gateways, unsupported, passedOver, rules, hosts }: VirtualServiceInput): Problem | undefined {
  if (!gateways.includes("mesh")) {
    return {
      reason: "UnsupportedField",
      message: `no effect: gateways ${listed(gateways)} are not served; use an HTTPRoute with the Gateway as its parent`,
    };
  }
  if (unsupported.length > 0) {
    return { reason: "UnsupportedField", message: `no effect: ${unsupportedFields(unsupported)}` };
  }
  if (rules.length === 0) {
    const what = passedOver.length > 0 ? unsupportedFields(passedOver) : "it has no http rules";
    return { reason: "UnsupportedField", message: `no effect: ${what}` };
  }
  return hosts.length === 0 ? { reason: "HostNotFound", message: "it names no host" } : undefined;
}

const actsOn = (input: VirtualServiceInput, service: ServiceInput, { served }: Surroundings): boolean =>
  served.get(keyOfService(service))?.has(`VirtualService/${keyOf(input)}`) === true;

function whyIdle(input: VirtualServiceInput, services: readonly ServiceInput[], context: Surroundings): Problem {
  const own = services.filter(({ namespace }) => namespace === input.namespace);
  const [service] = own;
  if (services.length === 0) {
    return { reason: "HostNotFound", message: unknownHost(input.hosts[0] ?? "", input.namespace) };
  }
  if (service === undefined) {
    return {
      reason: "WrongNamespace",
      message: `it acts from the namespace of the Service; create it in ${listed(services.map(({ namespace }) => namespace))}`,
    };
  }
  if (!isExportedTo(input, service.namespace)) {
    return { reason: "NotExported", message: `exportTo leaves out namespace ${service.namespace}` };
  }
  const routes = context.served.get(keyOfService(service));
  if (routes === undefined) {
    return waypointProblem(keyOf(service), context);
  }
  const others = [...routes].filter((key) => !key.startsWith("VirtualService/"));
  if (others.length > 0) {
    return {
      reason: "RouteConflict",
      message: `${listed(others)} stands on the same host and wins whole; put all rules into one of them`,
    };
  }
  const winner = virtualServiceOf(service, context.world);
  if (winner !== undefined && winner !== input) {
    return {
      reason: "RouteConflict",
      message: `VirtualService ${keyOf(winner)} stands on the same host and wins; put all rules into one of them`,
    };
  }
  return service.ports.every((port) => portProtocol(port) === "TCP")
    ? {
        reason: "NotHttp",
        message: `the protocol of service ${keyOf(service)} is not HTTP; name its port http-… or set appProtocol`,
      }
    : waypointProblem(keyOf(service), context);
}

/** Destinations that lead nowhere: their requests fail, copies are not sent. */
function lostDestinations(
  input: VirtualServiceInput,
  services: readonly ServiceInput[],
  { world, rules }: Surroundings,
): readonly Problem[] {
  const ports = [...new Set(services.flatMap((service) => service.ports.map(({ port }) => port)))];
  const lost = (destination: DestinationInput, outcome: { readonly unknown: string; readonly empty: string }) => {
    const service = serviceOfHost(fullHost(destination.host, input.namespace), world);
    if (service === undefined) {
      const message = `${unknownHost(destination.host, input.namespace)}: ${outcome.unknown}`;
      return { reason: "HostNotFound", message } as const;
    }
    if (ports.every((port) => destinationCluster(destination, input.namespace, port, world) === undefined)) {
      const known = listed(service.ports.map(({ port }) => String(port)));
      const message = `service ${keyOf(service)} has no such port (it has: ${known}): ${outcome.unknown}`;
      return { reason: "HostNotFound", message } as const;
    }
    const { subsets } = rules({ namespace: service.namespace, hostname: hostnameOf(service) });
    return destination.subset === "" || subsets.has(destination.subset)
      ? undefined
      : ({
          reason: "SubsetNotFound",
          message: `no DestinationRule defines subset ${destination.subset} of ${keyOf(service)}: ${outcome.empty}`,
        } as const);
  };
  const failing = { unknown: "its share of requests is answered 500", empty: "its share of requests is answered 503" };
  const unsent = { unknown: "copies are not sent", empty: "copies are not sent" };
  return input.rules
    .flatMap(({ destinations, mirrors }) => [
      ...destinations.map((destination) => lost(destination, failing)),
      ...mirrors.map((mirror) => lost(mirror, unsent)),
    ])
    .filter((problem) => problem !== undefined)
    .slice(0, 3);
}

const hasCatchAll = ({ rules }: VirtualServiceInput): boolean =>
  rules.some(
    ({ matches }) =>
      matches !== undefined &&
      (matches.length === 0 ||
        matches.some(
          (match) =>
            match.path.type === "Prefix" &&
            match.path.value === "/" &&
            match.headers.length + match.queryParams.length + match.port === 0 &&
            match.sourceNamespace === "" &&
            [match.method, match.authority, match.scheme].every((part) => part === undefined),
        )),
  );
