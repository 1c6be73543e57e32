import type { Node } from "../api/node.ts";
import type { Toleration } from "../api/pod/scheduling.ts";
import type { Pod } from "../api/pod.ts";
import { isOver } from "./deployment-pod.ts";
import { gatewayNameLabel } from "./gateway-objects.ts";
import { matchesNode } from "./node-affinity.ts";

/** Where a pod goes, or why it can go nowhere, in kube-scheduler's words. */
export type Placement = { readonly node: string } | { readonly node: undefined; readonly message: string };

/** As many as a node's pod range has addresses. */
const podsMax = 241;

/**
 * Chooses a node: fit ones only, then the zone and the node with the fewest pods of the same owner, then the emptiest
 * node. Pure: the same world gives the same answer.
 */
export function choosePlacement(pod: Pod, nodes: readonly Node[], pods: readonly Pod[]): Placement {
  const bound = pods.filter(
    (other) => other.spec?.nodeName !== undefined && other.spec.nodeName !== "" && !isOver(other),
  );
  const misfits = new Map<string, number>();
  const fit = nodes.filter((node) => {
    const reason = misfit(pod, node, bound);
    if (reason !== undefined) {
      misfits.set(reason, (misfits.get(reason) ?? 0) + 1);
    }
    return reason === undefined;
  });
  if (fit.length === 0) {
    const reasons = [...misfits].map(([reason, count]) => `${count} ${reason}`).sort();
    const why = reasons.length > 0 ? `: ${reasons.join(", ")}.` : ".";
    return { node: undefined, message: `0/${nodes.length} nodes are available${why}` };
  }
  const owner = ownerOf(pod);
  // Pods that are on their way out make room, so they do not count for the spread.
  const staying = bound.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  const siblings = owner === undefined ? [] : staying.filter((other) => ownerOf(other) === owner);
  const zoneOfNode = new Map(nodes.map((node) => [node.metadata?.name ?? "", zoneOf(node)]));
  const score = (node: Node): readonly [number, number, number, string] => {
    const name = node.metadata?.name ?? "";
    return [
      siblings.filter(({ spec }) => zoneOfNode.get(spec?.nodeName ?? "") === zoneOf(node)).length,
      siblings.filter(({ spec }) => spec?.nodeName === name).length,
      staying.filter(({ spec }) => spec?.nodeName === name).length,
      name,
    ];
  };
  const [best] = fit.map((node) => ({ node, score: score(node) })).sort((a, b) => compare(a.score, b.score));
  return { node: best?.node.metadata?.name ?? "" };
}

function compare(a: readonly [number, number, number, string], b: readonly [number, number, number, string]): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || (a[3] < b[3] ? -1 : a[3] > b[3] ? 1 : 0);
}

/** Why the pod cannot run on the node; undefined when it can. */
function misfit(pod: Pod, node: Node, bound: readonly Pod[]): string | undefined {
  const { spec, status, metadata } = node;
  if (status?.conditions?.find(({ type }) => type === "Ready")?.status !== "True") {
    return "node(s) were not ready";
  }
  if (spec?.unschedulable === true) {
    return "node(s) were unschedulable";
  }
  if (!matchesNode(pod, node)) {
    return "node(s) didn't match Pod's node affinity/selector";
  }
  const taint = spec?.taints?.find(
    ({ effect, key, value }) =>
      effect !== "PreferNoSchedule" && !tolerates(pod.spec?.tolerations ?? [], { key, value: value ?? "", effect }),
  );
  if (taint !== undefined) {
    return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  }
  // The nodes share one machine, so a host port that any of them uses is taken for all. Pods of one Gateway share theirs.
  const ports = hostPorts(pod);
  const taken = (other: Pod): boolean =>
    !sharesPorts(pod, other) && [...hostPorts(other)].some((port) => ports.has(port));
  if (ports.size > 0 && bound.some(taken)) {
    return "node(s) didn't have free ports for the requested pod ports";
  }
  if (bound.filter((other) => other.spec?.nodeName === metadata?.name).length >= podsMax) {
    return "Too many pods";
  }
  return undefined;
}

/** Kubernetes "Taints and Tolerations". */
function tolerates(
  tolerations: readonly Toleration[],
  taint: { readonly key: string; readonly value: string; readonly effect: string },
): boolean {
  return tolerations.some((toleration) => {
    const effect = toleration.effect ?? "";
    const key = toleration.key ?? "";
    if (effect !== "" && effect !== taint.effect) {
      return false;
    }
    if (toleration.operator === "Exists") {
      return key === "" || key === taint.key;
    }
    return key === taint.key && (toleration.value ?? "") === taint.value;
  });
}

/** Proxies of one Gateway bind their host ports so that several may listen at once (SO_REUSEPORT). */
const sharesPorts = (a: Pod, b: Pod): boolean =>
  a.metadata?.labels?.[gatewayNameLabel] !== undefined && ownerOf(a) !== undefined && ownerOf(a) === ownerOf(b);

function hostPorts(pod: Pod): Set<string> {
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return new Set(
    ports
      .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
      .map(({ hostIP, hostPort, protocol }) => `${protocol ?? "TCP"}|${hostIP ?? ""}|${hostPort}`),
  );
}

const zoneOf = ({ metadata }: Node): string =>
  `${metadata?.labels?.["topology.kubernetes.io/region"] ?? ""}/${metadata?.labels?.["topology.kubernetes.io/zone"] ?? ""}`;

const ownerOf = (pod: Pod): string | undefined =>
  pod.metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid;
