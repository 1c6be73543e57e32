/** What built-in admission adds to a new Pod: its ServiceAccount and token, tolerations, priority, first status. */
import type { AdmissionContext } from "../kind.ts";
import type { Toleration } from "../pod/scheduling.ts";
import type { Container, Pod, PodSpec } from "../pod.ts";
import { parseQuantity } from "../schema/quantity.ts";
import { failure, type Status } from "../status.ts";

const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Seconds that a pod stays on a node that is gone or not ready. */
const evictionSeconds = 300;

/** A new pod as it is stored. */
export function admitPod(pod: Pod, context: AdmissionContext): Pod {
  const spec = pod.spec ?? { containers: [] };
  const account = spec.serviceAccountName || "default";
  const withAccount = {
    ...spec,
    serviceAccountName: account,
    serviceAccount: account,
    tolerations: withEvictionTolerations(spec.tolerations ?? []),
    priority: spec.priority ?? 0,
    preemptionPolicy: spec.preemptionPolicy ?? "PreemptLowerPriority",
  };
  const stored = context.serviceAccount?.(pod.metadata.namespace ?? "", account);
  const mount = spec.automountServiceAccountToken ?? stored?.automountServiceAccountToken ?? true;
  return {
    ...pod,
    spec: mount ? withToken(withAccount, `kube-api-access-${context.random?.() ?? "token"}`) : withAccount,
    status: { phase: "Pending", qosClass: qosClass(withAccount) },
  };
}

/** 403 when the pod's ServiceAccount does not exist. */
export function refusePod(pod: Pod, context: AdmissionContext): Status | undefined {
  const namespace = pod.metadata.namespace ?? "";
  const account = pod.spec?.serviceAccountName ?? "default";
  if (context.serviceAccount === undefined || context.serviceAccount(namespace, account) !== undefined) {
    return undefined;
  }
  const name = pod.metadata.name ?? "";
  return failure(
    403,
    "Forbidden",
    `pods "${name}" is forbidden: error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
    { name, kind: "pods" },
  );
}

function withEvictionTolerations(tolerations: readonly Toleration[]): Toleration[] {
  const missing = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].filter(
    (key) =>
      !tolerations.some(
        (toleration) =>
          (toleration.key === key || !toleration.key) && (toleration.effect === "NoExecute" || !toleration.effect),
      ),
  );
  return [
    ...tolerations,
    ...missing.map((key) => ({
      key,
      operator: "Exists" as const,
      effect: "NoExecute" as const,
      tolerationSeconds: evictionSeconds,
    })),
  ];
}

/** The token is mounted into every container that mounts nothing else there. */
function withToken(spec: PodSpec, volume: string): PodSpec {
  let used = false;
  const mounted = (container: Container): Container => {
    if ((container.volumeMounts ?? []).some((mount) => mount.mountPath === tokenPath)) {
      return container;
    }
    used = true;
    return {
      ...container,
      volumeMounts: [...(container.volumeMounts ?? []), { name: volume, readOnly: true, mountPath: tokenPath }],
    };
  };
  const containers = {
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(mounted) } : {}),
    containers: spec.containers.map(mounted),
  };
  return {
    ...spec,
    ...containers,
    ...(used ? { volumes: [...(spec.volumes ?? []), tokenVolume(volume)] } : {}),
  };
}

function tokenVolume(name: string): NonNullable<PodSpec["volumes"]>[number] {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}

/** Guaranteed when every container has cpu and memory limits equal to its requests; BestEffort when none has any. */
function qosClass(spec: PodSpec): "Guaranteed" | "Burstable" | "BestEffort" {
  const all = [...spec.containers, ...(spec.initContainers ?? [])].map((container) => container.resources ?? {});
  const counted = (amounts: Readonly<Record<string, string>> | undefined) =>
    ["cpu", "memory"].filter((name) => (parseQuantity(amounts?.[name] ?? "0")?.nanos ?? 0n) > 0n);
  if (all.every(({ limits, requests }) => counted(limits).length === 0 && counted(requests).length === 0)) {
    return "BestEffort";
  }
  const guaranteed = all.every(
    ({ limits, requests }) =>
      counted(limits).length === 2 &&
      ["cpu", "memory"].every((name) => {
        const limit = parseQuantity(limits?.[name] ?? "")?.nanos;
        return requests?.[name] === undefined || parseQuantity(requests[name])?.nanos === limit;
      }),
  );
  return guaranteed ? "Guaranteed" : "Burstable";
}
