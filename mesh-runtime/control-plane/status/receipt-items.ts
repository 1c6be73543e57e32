import { staticStrictName } from "../../policy/index.ts";
import type { PodInput } from "../translate/input/pod.ts";
import type { MeshFacts, World } from "../translate/input/world.ts";
import type { Translation } from "../translate/translate.ts";
import { isGatewayPod, uidOf } from "../translate/workload.ts";
import { carriedBy } from "./carried.ts";
import { carriedItems } from "./carried-items.ts";
import { textOf } from "./fingerprint.ts";
import {
  addressCarrier,
  authorizationCarrier,
  proxyConfigCarrier,
  type ReceiptItem,
  receiptKey,
} from "./receipt-item.ts";
import { routeItems } from "./route-items.ts";
import { serviceEntryItems } from "./service-entry-items.ts";

/** Everything whose delivery is followed. Pure. */
export function receiptItems(translation: Translation, world: World, facts: MeshFacts): readonly ReceiptItem[] {
  const workloads = workloadsByNamespace(translation.addresses, facts);
  return [
    ...policyItems(translation),
    ...peerAuthenticationItems(translation, world, facts, workloads),
    ...gatewayItems(translation, world),
    ...routeItems(translation),
    ...carriedItems(translation, world, facts),
    ...serviceEntryItems(translation, world),
    ...namespaceItems(translation, world, facts),
  ];
}

function policyItems({ policies, proxyConfigs, clusterRules, addresses }: Translation): ReceiptItem[] {
  const bound = workloadsByPolicy(addresses);
  const carried = [...proxyConfigs].map(([name, { config }]) => ({
    name,
    policies: carriedBy(config, clusterRules).authorizationPolicies,
  }));
  return policies.flatMap(({ key, compiled, generation, resource }) => {
    if ("error" in compiled) {
      return [];
    }
    const proxies = carried.filter((entry) => entry.policies.has(key)).map(({ name }) => name);
    const carriers = [
      ...(compiled.authorization === undefined ? [] : [authorizationCarrier(key)]),
      ...(bound.get(key) ?? []).map(addressCarrier),
      ...proxies.map(proxyConfigCarrier),
    ];
    const fingerprint = [textOf(compiled), textOf(resource.spec?.selector), ...proxies].join("\n");
    return carriers.length === 0
      ? []
      : [{ key: receiptKey.authorizationPolicy(key), generation, fingerprint, carriers }];
  });
}

/** Uids of the workloads that list a selector policy. */
function workloadsByPolicy(addresses: Translation["addresses"]): ReadonlyMap<string, readonly string[]> {
  const bound = new Map<string, string[]>();
  for (const [name, value] of addresses) {
    for (const policy of value.kind === "workload" ? value.workload.authorizationPolicies : []) {
      const group = bound.get(policy) ?? [];
      bound.set(policy, group);
      group.push(name);
    }
  }
  return bound;
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
      carriers: [...names.map(authorizationCarrier), ...workloads(namespace).map(addressCarrier)],
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
    carriers: [proxyConfigCarrier(key)],
  }));
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
          .map(addressCarrier),
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
