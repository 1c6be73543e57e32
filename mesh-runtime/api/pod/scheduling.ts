/** Where a pod may run: affinity, tolerations, spreading. */
import type * as z from "zod";
import { int32, int64, list, str, struct, word } from "../schema/builders.ts";
import { labelSelector } from "../schema/object-meta.ts";

const nodeRequirements = list(
  struct(
    "v1.NodeSelectorRequirement",
    {
      key: str(),
      operator: word(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"], { goType: "v1.NodeSelectorOperator" }),
    },
    { values: list(str()) },
  ),
);
const nodeTerm = struct(
  "v1.NodeSelectorTerm",
  {},
  { matchExpressions: nodeRequirements, matchFields: nodeRequirements },
  { "x-kubernetes-map-type": "atomic" },
);
const nodeSelector = struct(
  "v1.NodeSelector",
  { nodeSelectorTerms: list(nodeTerm) },
  {},
  { "x-kubernetes-map-type": "atomic" },
);
const podTerm = struct(
  "v1.PodAffinityTerm",
  { topologyKey: str() },
  {
    labelSelector,
    namespaces: list(str()),
    namespaceSelector: labelSelector,
    matchLabelKeys: list(str()),
    mismatchLabelKeys: list(str()),
  },
);
const podAffinity = (goType: string) =>
  struct(
    goType,
    {},
    {
      requiredDuringSchedulingIgnoredDuringExecution: list(podTerm),
      preferredDuringSchedulingIgnoredDuringExecution: list(
        struct("v1.WeightedPodAffinityTerm", { weight: int32(), podAffinityTerm: podTerm }, {}),
      ),
    },
  );

export const affinity = struct(
  "v1.Affinity",
  {},
  {
    nodeAffinity: struct(
      "v1.NodeAffinity",
      {},
      {
        requiredDuringSchedulingIgnoredDuringExecution: nodeSelector,
        preferredDuringSchedulingIgnoredDuringExecution: list(
          struct("v1.PreferredSchedulingTerm", { weight: int32(), preference: nodeTerm }, {}),
        ),
      },
    ),
    podAffinity: podAffinity("v1.PodAffinity"),
    podAntiAffinity: podAffinity("v1.PodAntiAffinity"),
  },
);

export const toleration = struct(
  "v1.Toleration",
  {},
  {
    key: str(),
    operator: word(["Exists", "Equal"], { goType: "v1.TolerationOperator" }),
    value: str(),
    effect: word(["NoSchedule", "PreferNoSchedule", "NoExecute"], { goType: "v1.TaintEffect" }),
    tolerationSeconds: int64(),
  },
);

export const topologySpread = struct(
  "v1.TopologySpreadConstraint",
  { maxSkew: int32(), topologyKey: str(), whenUnsatisfiable: str({ goType: "v1.UnsatisfiableConstraintAction" }) },
  {
    labelSelector,
    minDomains: int32(),
    nodeAffinityPolicy: str(),
    nodeTaintsPolicy: str(),
    matchLabelKeys: list(str()),
  },
);

export type Toleration = z.infer<typeof toleration>;
