import { fields, type Meta, readMeta } from "./lenient.ts";
import { readFields } from "./unsupported.ts";
import { readVirtualRule, type VirtualRuleInput } from "./virtual-rule.ts";

/** What the mesh needs to know of a VirtualService: its part for HTTP. */
export interface VirtualServiceInput extends Pick<Meta, "namespace" | "name" | "generation" | "createdAtMs"> {
  /** As written, in lower case: short names, full names or wildcards. */
  readonly hosts: readonly string[];
  /** Names of Gateways, or `mesh`; not written means `mesh`. */
  readonly gateways: readonly string[];
  /** Empty: every namespace. */
  readonly exportTo: readonly string[];
  readonly rules: readonly VirtualRuleInput[];
  /** Paths of what changes what a rule does and is not understood: with any, the whole VirtualService has no effect. */
  readonly unsupported: readonly string[];
  /** Paths of what is passed over while the rest acts: matches that never match, and what only names things. */
  readonly passedOver: readonly string[];
}

/** Reads a VirtualService. */
export function readVirtualService(object: unknown): VirtualServiceInput {
  const { namespace, name, generation, createdAtMs } = readMeta(object);
  const unsupported: string[] = [];
  const passedOver: string[] = [];
  const spec = readFields(fields(object)["spec"], unsupported);
  for (const protocol of ["tcp", "tls"]) {
    if (spec.objects(protocol).length > 0) {
      passedOver.push(protocol);
    }
  }
  const gateways = spec.list("gateways");
  const input: VirtualServiceInput = {
    namespace,
    name,
    generation,
    createdAtMs,
    hosts: spec.list("hosts").map((host) => host.toLowerCase()),
    gateways: gateways.length === 0 ? ["mesh"] : gateways,
    exportTo: spec.list("exportTo"),
    rules: spec.objects("http").map((rule) => readVirtualRule(rule, passedOver)),
    unsupported,
    passedOver,
  };
  spec.rest();
  return input;
}
