/** networking.istio.io/v1 DestinationRule: schema and type. */
import type * as z from "zod";
import { workloadSelector } from "./istio/selection.ts";
import { istioStatus } from "./istio/status.ts";
import { trafficPolicy } from "./istio/traffic-policy.ts";
import { dict, list, str, struct } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

const subset = struct(
  "v1alpha3.Subset",
  { name: str().describe("Named by routes.") },
  {
    labels: dict(str()).describe("Labels of the pods of the subset."),
    trafficPolicy: trafficPolicy.describe("Overrides the rule's, setting by setting."),
  },
);

const destinationRuleSpec = struct(
  "v1alpha3.DestinationRule",
  { host: str().describe("Host of a service; short names are of the rule's own namespace.") },
  {
    trafficPolicy: trafficPolicy.describe("How to talk to the host."),
    subsets: list(subset).describe("Parts of the service, such as versions."),
    exportTo: list(str()).describe("Namespaces that see the rule: `.`, `*` or names; all by default."),
    workloadSelector: workloadSelector.describe("Callers whose proxies take the rule."),
  },
);

export const destinationRuleSchema = object(
  "DestinationRule",
  "networking.istio.io/v1",
  "v1.DestinationRule",
  {},
  { spec: destinationRuleSpec.describe("How to talk to a host."), status: istioStatus },
);

export type DestinationRule = z.infer<typeof destinationRuleSchema>;
export type DestinationSubset = z.infer<typeof subset>;
