import { gatewayGroup } from "./input/gateway.ts";
import { keyOf } from "./input/lenient.ts";
import type { AttachmentInput } from "./input/target-refs.ts";
import { fullHost } from "./l7/hosts.ts";

type Attached = Pick<AttachmentInput, "targets"> & { readonly namespace: string; readonly name: string };
type Named = { readonly namespace: string; readonly name: string };

/** Policies that may act on a target, found without looking at all of them; who looks closer decides. */
export interface AttachmentIndex<T> {
  near(gateway: Named & { readonly className: string }, service: Named | undefined): ReadonlyMap<string, T>;
}

/** Indexes policies by what they target. Those without targets are near every gateway. */
export function indexAttachments<T extends Attached>(policies: Iterable<T>): AttachmentIndex<T> {
  const index = new Map<string, T[]>();
  for (const policy of policies) {
    const ids = policy.targets.map(({ group, kind, name }) =>
      kind === "GatewayClass" ? `${group}/${kind}/${name}` : `${group}/${kind}/${policy.namespace}/${name}`,
    );
    for (const id of new Set(ids.length === 0 ? ["untargeted"] : ids)) {
      push(index, id, policy);
    }
  }
  return {
    near(gateway, service) {
      const found = [
        ...(service === undefined ? [] : (index.get(`/Service/${keyOf(service)}`) ?? [])),
        ...(index.get(`${gatewayGroup}/Gateway/${keyOf(gateway)}`) ?? []),
        ...(index.get(`${gatewayGroup}/GatewayClass/${gateway.className}`) ?? []),
        ...(index.get("untargeted") ?? []),
      ];
      return new Map(found.map((policy) => [keyOf(policy), policy]));
    },
  };
}

/** Rules that may name a host, found without looking at all of them. */
export interface HostIndex<T> {
  near(namespaces: readonly string[], hostname: string): ReadonlyMap<string, T>;
}

/** Indexes DestinationRules or VirtualServices by namespace and host; wildcards are near every host. */
export function indexHosts<T extends Named>(rules: Iterable<T>, hostsOf: (rule: T) => readonly string[]): HostIndex<T> {
  const index = new Map<string, T[]>();
  for (const rule of rules) {
    for (const host of hostsOf(rule)) {
      const full = fullHost(host, rule.namespace);
      push(index, `${rule.namespace}/${full.startsWith("*") ? "*" : full}`, rule);
    }
  }
  return {
    near(namespaces, hostname) {
      const found = namespaces.flatMap((namespace) => [
        ...(index.get(`${namespace}/${hostname}`) ?? []),
        ...(index.get(`${namespace}/*`) ?? []),
      ]);
      return new Map(found.map((rule) => [keyOf(rule), rule]));
    },
  };
}

function push<T>(index: Map<string, T[]>, id: string, value: T): void {
  const group = index.get(id);
  if (group === undefined) {
    index.set(id, [value]);
  } else {
    group.push(value);
  }
}
