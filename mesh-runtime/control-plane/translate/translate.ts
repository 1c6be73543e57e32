import type { Authorization } from "../../policy/model.ts";
import type { MeshAddress } from "../../xds/address-type.ts";
import { addressType, authorizationType } from "../../xds/codec.ts";
import type { ProxyConfig } from "../../xds/model.ts";
import { infrastructureName, isIngress, isServed } from "./gateway/classes.ts";
import { type GatewayStatus, gatewayStatus } from "./gateway/gateway-status.ts";
import { policiesOfGateway, translateGateway } from "./gateway/proxy-config.ts";
import { type TranslatedRoute, translateRoute } from "./gateway/routes.ts";
import { keyOf } from "./input/lenient.ts";
import type { MeshFacts, World } from "./input/world.ts";
import { createMemo, type Memo } from "./memo.ts";
import { type CompiledPolicies, type CompiledPolicy, compilePolicies } from "./policies.ts";
import { translateService } from "./service-address.ts";
import { translateWorkload } from "./workload.ts";

/** A gateway's configuration and the only identity that may read it. */
export interface OwnedProxyConfig {
  readonly config: ProxyConfig;
  /** `<namespace>/<service account>` of the gateway's pods. */
  readonly reader: string;
}

/** What follows from the world: resources for the proxies, and what the statuses are written from. */
export interface Translation {
  readonly addresses: ReadonlyMap<string, MeshAddress>;
  readonly authorizations: ReadonlyMap<string, Authorization>;
  /** Policies that could not be compiled: their last good version, if any, stays in force. */
  readonly broken: ReadonlySet<string>;
  readonly proxyConfigs: ReadonlyMap<string, OwnedProxyConfig>;
  readonly policies: readonly CompiledPolicy[];
  /** Gateway key → keys of the policies that bind it. */
  readonly policiesByGateway: ReadonlyMap<string, readonly CompiledPolicy[]>;
  readonly gateways: ReadonlyMap<string, GatewayStatus>;
  readonly routes: readonly TranslatedRoute[];
}

/** What one translation may take over from the one before. */
export interface TranslationMemory {
  readonly policies: Memo<CompiledPolicy>;
  readonly services: Memo<MeshAddress | undefined>;
  readonly workloads: Memo<MeshAddress | undefined>;
}

/** An empty memory. */
export const createTranslationMemory = (): TranslationMemory => ({
  policies: createMemo(),
  services: createMemo(),
  workloads: createMemo(),
});

/**
 * The whole translation. Pure: the same world gives the same result, and nothing in it makes this throw. With the
 * memory of former calls it costs what has changed, and what has not changed stays the same object.
 */
export function translate(
  world: World,
  facts: MeshFacts,
  memory: TranslationMemory = createTranslationMemory(),
): Translation {
  const compiled = compilePolicies(world, facts, memory.policies);
  const routes = [...world.httpRoutes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, route]) => translateRoute(route, world));
  const served = [...world.gateways.values()].filter(isServed);
  const policiesByGateway = new Map(
    served.filter(isIngress).map((gateway) => [keyOf(gateway), policiesOfGateway(gateway, compiled.policies, facts)]),
  );
  return {
    addresses: translateAddresses(world, facts, compiled, memory),
    authorizations: new Map(compiled.authorizations.map((value) => [authorizationType.name(value), value])),
    broken: new Set(compiled.policies.flatMap(({ key, compiled: result }) => ("error" in result ? [key] : []))),
    proxyConfigs: new Map(
      served.filter(isIngress).map((gateway) => {
        const config = translateGateway(gateway, routes, policiesByGateway.get(keyOf(gateway)) ?? []);
        return [keyOf(gateway), { config, reader: `${gateway.namespace}/${infrastructureName(gateway)}` }];
      }),
    ),
    policies: compiled.policies,
    policiesByGateway,
    gateways: new Map(served.map((gateway) => [keyOf(gateway), gatewayStatus(gateway, routes, world)])),
    routes,
  };
}

function translateAddresses(
  world: World,
  facts: MeshFacts,
  policies: CompiledPolicies,
  memory: TranslationMemory,
): ReadonlyMap<string, MeshAddress> {
  const addresses: (MeshAddress | undefined)[] = [];
  for (const input of world.services.values()) {
    addresses.push(
      memory.services(input, [], () => {
        const service = translateService(input);
        return service === undefined ? undefined : { kind: "service", service };
      }),
    );
  }
  const servicesByNamespace = Map.groupBy(world.services.values(), ({ namespace }) => namespace);
  for (const pod of world.pods.values()) {
    const node = world.nodes.get(pod.node);
    const services = servicesByNamespace.get(pod.namespace) ?? [];
    const binding = policies.bindingPod(pod);
    addresses.push(
      memory.workloads(pod, [facts, node, binding.join(" "), ...services], () => {
        const workload = translateWorkload(pod, { facts, node, services, policies: binding });
        return workload === undefined ? undefined : { kind: "workload", workload };
      }),
    );
  }
  return new Map(
    addresses.filter((address) => address !== undefined).map((address) => [addressType.name(address), address]),
  );
}
