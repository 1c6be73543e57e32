import type { MeshAddress } from "../../xds/address-type.ts";
import { addressType } from "../../xds/codec.ts";
import type { PodInput } from "./input/pod.ts";
import type { ServiceInput } from "./input/service.ts";
import type { MeshFacts, World } from "./input/world.ts";
import type { TranslationMemory } from "./memory.ts";
import type { CompiledPolicies } from "./policies.ts";
import { translateService } from "./service-address.ts";
import type { Binding } from "./waypoint/binding.ts";
import { translateWorkload } from "./workload.ts";

export interface AddressSources {
  readonly world: World;
  readonly facts: MeshFacts;
  readonly memory: TranslationMemory;
  readonly policies: CompiledPolicies;
  readonly servicesByNamespace: ReadonlyMap<string, readonly ServiceInput[]>;
  serviceBinding(service: ServiceInput): Binding | undefined;
  workloadBinding(pod: PodInput): Binding | undefined;
}

/** All workloads and services as the proxies know them, by name on the wire. */
export function translateAddresses(sources: AddressSources): ReadonlyMap<string, MeshAddress> {
  const { world, facts, memory, policies } = sources;
  const addresses: (MeshAddress | undefined)[] = [];
  for (const input of world.services.values()) {
    const namespace = world.namespaces.get(input.namespace);
    const binding = sources.serviceBinding(input);
    addresses.push(
      memory.services(input, [namespace, bindingText(binding)], () => {
        const around = { ...(namespace && { namespace }), ...(binding && { binding }) };
        const service = translateService(input, around);
        return service === undefined ? undefined : { kind: "service", service };
      }),
    );
  }
  for (const pod of world.pods.values()) {
    const node = world.nodes.get(pod.node);
    const services = sources.servicesByNamespace.get(pod.namespace) ?? [];
    const keys = policies.bindingPod(pod);
    const binding = sources.workloadBinding(pod);
    addresses.push(
      memory.workloads(pod, [facts, node, keys.join(" "), services, bindingText(binding)], () => {
        const workload = translateWorkload(pod, { facts, node, services, policies: keys, binding });
        return workload === undefined ? undefined : { kind: "workload", workload };
      }),
    );
  }
  return new Map(
    addresses.filter((address) => address !== undefined).map((address) => [addressType.name(address), address]),
  );
}

/** What an address shows of a binding. */
const bindingText = (binding: Binding | undefined): string =>
  binding?.refusal === undefined && binding?.intended !== undefined ? `${binding.named} ${binding.ingress}` : "";
