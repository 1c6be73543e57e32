import type { Node } from "../api/node.ts";
import type { Pod } from "../api/pod.ts";

type Affinity = NonNullable<NonNullable<NonNullable<Pod["spec"]>["affinity"]>["nodeAffinity"]>;
type Selector = NonNullable<Affinity["requiredDuringSchedulingIgnoredDuringExecution"]>;
type Term = Selector["nodeSelectorTerms"][number];
type Requirement = NonNullable<Term["matchExpressions"]>[number];

/**
 * Whether the node has what the pod requires by `nodeSelector` and required node affinity (Kubernetes "Assigning Pods to
 * Nodes"): terms are alternatives, the requirements of a term hold together, a term without any matches nothing. Pure.
 */
export function matchesNode(pod: Pod, node: Node): boolean {
  const labels = node.metadata?.labels ?? {};
  if (Object.entries(pod.spec?.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value)) {
    return false;
  }
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const fields = { "metadata.name": node.metadata?.name ?? "" };
  return (
    required === undefined ||
    required.nodeSelectorTerms.some(
      ({ matchExpressions = [], matchFields = [] }) =>
        matchExpressions.length + matchFields.length > 0 &&
        matchExpressions.every((requirement) => holds(requirement, labels)) &&
        matchFields.every((requirement) => holds(requirement, fields)),
    )
  );
}

function holds({ key, operator, values = [] }: Requirement, have: Readonly<Record<string, string>>): boolean {
  const value = have[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      operator satisfies never;
      return false;
  }
}
