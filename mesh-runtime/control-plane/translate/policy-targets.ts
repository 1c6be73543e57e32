import type { HttpAuthorization } from "../../policy/http-model.ts";
import { targetRefsOf } from "../../policy/index.ts";
import { gatewayGroup } from "./input/gateway.ts";
import { fields, items, keyOf, text } from "./input/lenient.ts";
import type { MeshFacts } from "./input/world.ts";
import type { CompiledPolicy } from "./policies.ts";

/** Policies by what they target; lists are in the order in which proxies act on them. */
export interface PolicyTargets {
  /** By store key. */
  service(key: string): readonly CompiledPolicy[];
  /** By store key. */
  serviceEntry(key: string): readonly CompiledPolicy[];
  /** By store key. */
  gateway(key: string): readonly CompiledPolicy[];
  /** By name; policies of the root namespace alone. */
  gatewayClass(name: string): readonly CompiledPolicy[];
}

/** Indexes the policies that a waypoint or gateway enforces because they name it, its class, or a service behind it. */
export function indexTargets(policies: readonly CompiledPolicy[], { rootNamespace }: MeshFacts): PolicyTargets {
  const index = new Map<string, CompiledPolicy[]>();
  const add = (name: string, policy: CompiledPolicy): void => {
    const group = index.get(name);
    if (group === undefined) {
      index.set(name, [policy]);
    } else if (!group.includes(policy)) {
      group.push(policy);
    }
  };
  for (const policy of policies) {
    const refs = policy.targeted ? items(targetRefsOf(policy.resource)).map(fields) : [];
    for (const ref of refs) {
      const [group, kind, name] = [text(ref["group"]), text(ref["kind"]), text(ref["name"])];
      const id = `${group}/${kind}/`;
      if (id === serviceId || id === serviceEntryId || id === gatewayId) {
        add(`${id}${policy.namespace}/${name}`, policy);
      } else if (id === classId && policy.namespace === rootNamespace) {
        add(`${id}${name}`, policy);
      }
    }
  }
  return {
    service: (key) => index.get(`${serviceId}${key}`) ?? [],
    serviceEntry: (key) => index.get(`${serviceEntryId}${key}`) ?? [],
    gateway: (key) => index.get(`${gatewayId}${key}`) ?? [],
    gatewayClass: (name) => index.get(`${classId}${name}`) ?? [],
  };
}

const serviceId = "/Service/";
const serviceEntryId = "networking.istio.io/ServiceEntry/";
const gatewayId = `${gatewayGroup}/Gateway/`;
const classId = `${gatewayGroup}/GatewayClass/`;

/**
 * What proxies get of policies, in the order in which they act: CUSTOM, DENY, ALLOW, and AUDIT, which only notes. One
 * that cannot be compiled refuses everything: nobody knows what it was to forbid.
 */
export const authorizationsOf = (policies: readonly CompiledPolicy[]): readonly HttpAuthorization[] =>
  policies
    .flatMap((policy) => {
      const { compiled } = policy;
      const http = "error" in compiled ? closed(policy) : compiled.http;
      return http === undefined ? [] : [http];
    })
    .sort((a, b) => rank[a.action] - rank[b.action] || (keyOf(a) < keyOf(b) ? -1 : 1));

const closed = ({ name, namespace }: CompiledPolicy): HttpAuthorization => ({
  name,
  namespace,
  action: "DENY",
  dryRun: false,
  provider: "",
  rules: [{ from: [], to: [], when: [] }],
});

const rank: Readonly<Record<HttpAuthorization["action"], number>> = { CUSTOM: 0, DENY: 1, ALLOW: 2, AUDIT: 3 };
