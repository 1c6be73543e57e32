import { fields, type Meta, readMeta, texts } from "./lenient.ts";
import { type PortedTrafficPolicyInput, readTrafficPolicy } from "./traffic-policy.ts";
import { readFields } from "./unsupported.ts";

/** A named part of a service's endpoints. */
export interface SubsetInput {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly policy: PortedTrafficPolicyInput | undefined;
}

/** What the mesh needs to know of a DestinationRule. */
export interface DestinationRuleInput extends Pick<Meta, "namespace" | "name" | "generation" | "createdAtMs"> {
  /** As written, in lower case: short name, full name or wildcard. */
  readonly host: string;
  /** Empty: every namespace. */
  readonly exportTo: readonly string[];
  /** Meant for single client workloads only (`workloadSelector`): acts nowhere here. */
  readonly clientsOnly: boolean;
  readonly policy: PortedTrafficPolicyInput | undefined;
  readonly subsets: readonly SubsetInput[];
  /** Paths of what is written and not understood. */
  readonly unsupported: readonly string[];
}

/** Reads a DestinationRule. */
export function readDestinationRule(object: unknown): DestinationRuleInput {
  const { namespace, name, generation, createdAtMs } = readMeta(object);
  const unsupported: string[] = [];
  const spec = readFields(fields(object)["spec"], unsupported);
  const clientsOnly = spec.has("workloadSelector");
  if (clientsOnly) {
    spec.report("workloadSelector");
  }
  const input: DestinationRuleInput = {
    namespace,
    name,
    generation,
    createdAtMs,
    host: spec.text("host").toLowerCase(),
    exportTo: spec.list("exportTo"),
    clientsOnly,
    policy: readTrafficPolicy(spec.object("trafficPolicy")),
    subsets: spec.objects("subsets").map((subset) => {
      const read = {
        name: subset.text("name"),
        labels: texts(subset.raw("labels")),
        policy: readTrafficPolicy(subset.object("trafficPolicy")),
      };
      subset.rest();
      return read;
    }),
    unsupported,
  };
  spec.rest();
  return input;
}
