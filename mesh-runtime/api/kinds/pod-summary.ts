/** A pod in a line: what `kubectl get pods` says in READY, STATUS and RESTARTS. */
import type { ContainerStatus } from "../pod/status.ts";
import type { Pod } from "../pod.ts";
import { age } from "./columns.ts";

const isSidecar = (pod: Pod, name: string) =>
  pod.spec?.initContainers?.some((c) => c.name === name && c.restartPolicy === "Always") ?? false;

/** Statuses that count: containers and sidecars. */
function counted(pod: Pod): readonly ContainerStatus[] {
  return [
    ...(pod.status?.initContainerStatuses ?? []).filter((status) => isSidecar(pod, status.name)),
    ...(pod.status?.containerStatuses ?? []),
  ];
}

/** `1/2`. */
export function podReady(pod: Pod): string {
  const sidecars = (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === "Always").length;
  const total = sidecars + (pod.spec?.containers.length ?? 0);
  return `${counted(pod).filter((status) => status.ready).length}/${total}`;
}

/** `Running`, `CrashLoopBackOff`, `Completed`, `Terminating`, `Init:0/1`… */
export function podState(pod: Pod): string {
  const base = pod.status?.reason || pod.status?.phase || "Unknown";
  if (pod.metadata.deletionTimestamp) {
    return pod.status?.reason === "NodeLost" ? "Unknown" : "Terminating";
  }
  return initState(pod) ?? containersState(pod, base);
}

function initState(pod: Pod): string | undefined {
  const statuses = pod.status?.initContainerStatuses ?? [];
  const total = pod.spec?.initContainers?.length ?? 0;
  for (const [i, status] of statuses.entries()) {
    const { waiting, terminated } = status.state ?? {};
    if (terminated?.exitCode === 0 || (isSidecar(pod, status.name) && status.started)) {
      continue;
    }
    if (terminated) {
      return `Init:${ended(terminated)}`;
    }
    if (waiting?.reason && waiting.reason !== "PodInitializing") {
      return `Init:${waiting.reason}`;
    }
    return `Init:${i}/${total}`;
  }
  return undefined;
}

function ended(state: { reason?: string | undefined; signal?: number | undefined; exitCode: number }): string {
  return state.reason || (state.signal ? `Signal:${state.signal}` : `ExitCode:${state.exitCode}`);
}

function containersState(pod: Pod, base: string): string {
  let text = base;
  let running = false;
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    const { waiting, terminated } = status.state ?? {};
    if (waiting?.reason) {
      text = waiting.reason;
    } else if (terminated) {
      text = ended(terminated);
    } else if (status.ready && status.state?.running) {
      running = true;
    }
  }
  if (text === "Completed" && running) {
    const ready = pod.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True");
    return ready ? "Running" : "NotReady";
  }
  return text;
}

/** `0`, or `3 (2m ago)`. */
export function podRestarts(pod: Pod, now: Date): string {
  const statuses = counted(pod);
  const total = statuses.reduce((sum, status) => sum + status.restartCount, 0);
  const last = statuses
    .map((status) => status.lastState?.terminated?.finishedAt ?? "")
    .sort()
    .pop();
  return total > 0 && last ? `${total} (${age(last, now)} ago)` : String(total);
}
