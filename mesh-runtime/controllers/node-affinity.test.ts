import { expect, test } from "vitest";
import type { Node } from "../api/node.ts";
import type { Pod } from "../api/pod.ts";
import { matchesNode } from "./node-affinity.ts";

const node: Node = { apiVersion: "v1", kind: "Node", metadata: { name: "node-a", labels: { zone: "a", size: "4" } } };
type Terms = NonNullable<
  NonNullable<
    NonNullable<NonNullable<Pod["spec"]>["affinity"]>["nodeAffinity"]
  >["requiredDuringSchedulingIgnoredDuringExecution"]
>["nodeSelectorTerms"];
const matches = (nodeSelectorTerms: Terms, nodeSelector?: Record<string, string>): boolean =>
  matchesNode(
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {},
      spec: {
        containers: [],
        ...(nodeSelector && { nodeSelector }),
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
      },
    },
    node,
  );

test.each<[string, Terms, boolean]>([
  ["In, with the value", [{ matchExpressions: [{ key: "zone", operator: "In", values: ["b", "a"] }] }], true],
  ["In, without", [{ matchExpressions: [{ key: "zone", operator: "In", values: ["b"] }] }], false],
  ["In, label absent", [{ matchExpressions: [{ key: "none", operator: "In", values: ["b"] }] }], false],
  ["NotIn, label absent", [{ matchExpressions: [{ key: "none", operator: "NotIn", values: ["b"] }] }], true],
  ["NotIn, with the value", [{ matchExpressions: [{ key: "zone", operator: "NotIn", values: ["a"] }] }], false],
  ["Exists", [{ matchExpressions: [{ key: "zone", operator: "Exists" }] }], true],
  ["DoesNotExist", [{ matchExpressions: [{ key: "zone", operator: "DoesNotExist" }] }], false],
  ["Gt", [{ matchExpressions: [{ key: "size", operator: "Gt", values: ["3"] }] }], true],
  ["Gt is strict", [{ matchExpressions: [{ key: "size", operator: "Gt", values: ["4"] }] }], false],
  ["Lt", [{ matchExpressions: [{ key: "size", operator: "Lt", values: ["5"] }] }], true],
  ["Lt of no number", [{ matchExpressions: [{ key: "zone", operator: "Lt", values: ["5"] }] }], false],
  ["a field", [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["node-a"] }] }], true],
  [
    "requirements of a term hold together",
    [
      {
        matchExpressions: [
          { key: "zone", operator: "Exists" },
          { key: "none", operator: "Exists" },
        ],
      },
    ],
    false,
  ],
  [
    "terms are alternatives",
    [
      { matchExpressions: [{ key: "none", operator: "Exists" }] },
      { matchExpressions: [{ key: "zone", operator: "Exists" }] },
    ],
    true,
  ],
  ["an empty term matches nothing", [{}], false],
])("%s", (_, terms, expected) => {
  expect(matches(terms)).toBe(expected);
});

test("nodeSelector and affinity hold together", () => {
  const zone: Terms = [{ matchExpressions: [{ key: "zone", operator: "Exists" }] }];
  expect(matches(zone, { size: "4" })).toBe(true);
  expect(matches(zone, { size: "5" })).toBe(false);
});
