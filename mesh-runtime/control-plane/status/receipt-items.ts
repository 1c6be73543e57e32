import { staticStrictName } from "../../policy/index.ts";
import { addressType, authorizationType, proxyConfigType } from "../../xds/codec.ts";
import { keyOf } from "../translate/input/lenient.ts";
import type { PodInput } from "../translate/input/pod.ts";
import type { MeshFacts, World } from "../translate/input/world.ts";
import type { Translation } from "../translate/translate.ts";
import { isGatewayPod, uidOf } from "../translate/workload.ts";

/** An object of the API whose delivery to the proxies is followed. */
export interface ReceiptItem {
  /** `<resource>/<namespace>/<name>`, for routes with `/<gateway key>` behind. */
  readonly key: string;
  readonly generation: number;
  /** Content: when it is different, delivery starts anew. */
  readonly fingerprint: string;
  /** Resources that carry the object to the proxies. */
  readonly carriers: readonly { readonly typeUrl: string; readonly name: string }[];
  /** Something besides the proxies that is not done yet, in words. */
  readonly unfinished?: string;
}

export const receiptKey = {
  authorizationPolicy: (key: string): string => `authorizationPolicies/${key}`,
  peerAuthentication: (key: string): string => `peerAuthentications/${key}`,
  gateway: (key: string): string => `gateways/${key}`,
  route: (key: string, gateway: string): string => `httpRoutes/${key}/${gateway}`,
  namespace: (name: string): string => `namespaces/${name}`,
} as const;

/** Everything whose delivery is followed. Pure. */
export function receiptItems(translation: Translation, world: World, facts: MeshFacts): readonly ReceiptItem[] {
  const workloads = workloadsByNamespace(translation.addresses, facts);
  return [
    ...policyItems(translation, workloads),
    ...peerAuthenticationItems(translation, world, facts, workloads),
    ...gatewayItems(translation, world),
    ...routeItems(translation),
    ...namespaceItems(translation, world, facts),
  ];
}

const carrier = (typeUrl: string) => (name: string) => ({ typeUrl, name });
const address = carrier(addressType.typeUrl);
const authorization = carrier(authorizationType.typeUrl);
const proxyConfig = carrier(proxyConfigType.typeUrl);

function policyItems({ policies, policiesByGateway }: Translation, workloads: WorkloadNames): ReceiptItem[] {
  return policies.flatMap((policy) => {
    const { key, compiled, generation, namespace, resource } = policy;
    if ("error" in compiled) {
      return [];
    }
    const gateways =
      compiled.http === undefined
        ? []
        : [...policiesByGateway].filter(([, bound]) => bound.includes(policy)).map(([gateway]) => gateway);
    const selecting = compiled.authorization !== undefined && resource.spec?.selector !== undefined;
    const carriers = [
      ...(compiled.authorization === undefined ? [] : [authorization(key)]),
      ...(selecting ? workloads(namespace).map(address) : []),
      ...gateways.map(proxyConfig),
    ];
    const fingerprint = JSON.stringify([compiled.authorization, compiled.http, resource.spec?.selector, gateways]);
    return carriers.length === 0
      ? []
      : [{ key: receiptKey.authorizationPolicy(key), generation, fingerprint, carriers }];
  });
}

function peerAuthenticationItems(
  translation: Translation,
  world: World,
  facts: MeshFacts,
  workloads: WorkloadNames,
): ReceiptItem[] {
  return [...world.peerAuthentications].map(([key, { namespace, name, generation, resource }]) => {
    const own = `${namespace}/converted_peer_authentication_${name}`;
    const names = [`${facts.rootNamespace}/${staticStrictName}`, own].filter((policy) =>
      translation.authorizations.has(policy),
    );
    return {
      key: receiptKey.peerAuthentication(key),
      generation,
      fingerprint: JSON.stringify([resource.spec, names]),
      carriers: [...names.map(authorization), ...workloads(namespace).map(address)],
    };
  });
}

/** Uids of the workloads that a policy of this namespace may bind: its own, or all for the root namespace. */
type WorkloadNames = (namespace: string) => readonly string[];

function workloadsByNamespace(addresses: Translation["addresses"], { rootNamespace }: MeshFacts): WorkloadNames {
  const all: string[] = [];
  const groups = new Map<string, string[]>();
  for (const [name, value] of addresses) {
    if (value.kind === "workload") {
      const { namespace } = value.workload;
      all.push(name);
      const group = groups.get(namespace);
      if (group === undefined) {
        groups.set(namespace, [name]);
      } else {
        group.push(name);
      }
    }
  }
  return (namespace) => (namespace === rootNamespace ? all : (groups.get(namespace) ?? []));
}

function gatewayItems({ proxyConfigs }: Translation, world: World): ReceiptItem[] {
  return [...proxyConfigs].map(([key, { config }]) => ({
    key: receiptKey.gateway(key),
    generation: world.gateways.get(key)?.generation ?? 0,
    fingerprint: JSON.stringify(config.listeners.map(({ name, port, hostname }) => [name, port, hostname])),
    carriers: [proxyConfig(key)],
  }));
}

function routeItems({ routes }: Translation): ReceiptItem[] {
  return routes.flatMap(({ input, attached }) =>
    [...attached].map(([gateway, listeners]) => ({
      key: receiptKey.route(keyOf(input), gateway),
      generation: input.generation,
      fingerprint: JSON.stringify([...listeners]),
      carriers: [proxyConfig(gateway)],
    })),
  );
}

/** An enrolled namespace is done when each of its pods is captured and every proxy knows that. */
function namespaceItems(translation: Translation, world: World, facts: MeshFacts): ReceiptItem[] {
  const podsByNamespace = Map.groupBy(world.pods.values(), ({ namespace }) => namespace);
  return [...world.namespaces.values()]
    .filter(({ enrolled }) => enrolled)
    .map(({ name }) => {
      const pods = (podsByNamespace.get(name) ?? []).filter(belongsInMesh);
      const captured = pods.filter((pod) => pod.captured);
      const item = {
        key: receiptKey.namespace(name),
        generation: 0,
        fingerprint: JSON.stringify(pods.map((pod) => [pod.name, pod.captured]).sort()),
        carriers: captured
          .map((pod) => uidOf(facts, pod))
          .filter((uid) => translation.addresses.has(uid))
          .map(address),
      };
      return captured.length === pods.length
        ? item
        : { ...item, unfinished: `${captured.length} of ${pods.length} pods are captured` };
    });
}

const belongsInMesh = (pod: PodInput): boolean =>
  !pod.ended &&
  !pod.terminating &&
  pod.addresses.length > 0 &&
  !isGatewayPod(pod) &&
  pod.labels["istio.io/dataplane-mode"] !== "none";
