/** How Istio's policies choose what they act on: a workload selector, or references to targets. */
import type * as z from "zod";
import { group, kind, objectName } from "../gateway-api/names.ts";
import { dict, list, rules, str, struct } from "../schema/builders.ts";

export const workloadSelector = struct(
  "v1beta1.WorkloadSelector",
  {},
  {
    matchLabels: rules(
      dict(
        rules(str({ maxLength: 63 }), {
          message: "wildcard not allowed in label value match",
          check: (self) => !self.includes("*"),
        }),
        { maxProperties: 4096 },
      ),
      {
        message: "wildcard not allowed in label key match",
        check: (self) => Object.keys(self).every((key) => !key.includes("*")),
      },
      { message: "key must not be empty", check: (self) => Object.keys(self).every((key) => key !== "") },
    ).describe("Labels that a workload must have."),
  },
);

export const policyTargetReference = struct(
  "v1beta1.PolicyTargetReference",
  { kind: kind().describe("Service, ServiceEntry, Gateway or GatewayClass."), name: objectName() },
  {
    group: group().describe("Group of the target; empty for a Service."),
    namespace: rules(str(), {
      message: "cross namespace referencing is not currently supported",
      check: (self) => self === "",
    }).describe("Must be empty: targets are in the policy's namespace."),
  },
);

export const targetReferences = list(policyTargetReference, { maxItems: 16 });

export type PolicyTargetReference = z.infer<typeof policyTargetReference>;

/** At most one way of selection. */
export const oneSelection = {
  message: "only one of targetRefs or selector can be set",
  check: (self: { selector?: unknown; targetRef?: unknown; targetRefs?: unknown }) =>
    [self.selector, self.targetRef, self.targetRefs].filter((way) => way !== undefined).length <= 1,
};
