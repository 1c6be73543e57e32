import { setTimeout as sleep } from "node:timers/promises";
import type { Container } from "./pod-types.ts";
import { type ProbeTarget, tcpConnect } from "./probe-attempt.ts";
import { runProbe } from "./prober.ts";

export type ProbeKind = "Startup" | "Liveness" | "Readiness";

export interface ProbesOptions {
  readonly spec: Pick<Container, "startupProbe" | "livenessProbe" | "readinessProbe">;
  readonly target: ProbeTarget;
  /** What probes had found before, of a process that was adopted. */
  readonly found: { readonly started: boolean; readonly ready: boolean };
  /** Container port whose acceptance of connections is readiness when there is no readiness probe. */
  readonly readyPort: number | undefined;
  /** Fires when the container's process ended. */
  readonly signal: AbortSignal;
  readonly onStarted: () => void;
  readonly onReady: (ready: boolean) => void;
  readonly onUnhealthy: (kind: ProbeKind, message: string) => void;
  /** The container must be killed. */
  readonly onKill: (kind: ProbeKind) => void;
}

/**
 * Runs a container's probes while its process lives: startup first; liveness and readiness after it passed.
 * Without a readiness probe a container is ready when it started and its first port accepts connections. (Kubernetes
 * would call it ready at once; here the agent forwards to that port, so an honest answer costs nothing.)
 */
export function startProbes(options: ProbesOptions): void {
  const { spec, target, signal, onUnhealthy, onKill } = options;
  const afterStart = (): void => {
    options.onStarted();
    if (spec.livenessProbe !== undefined) {
      void runProbe({
        probe: spec.livenessProbe,
        passing: true,
        target,
        signal,
        onChange: () => undefined,
        onFailure: ({ message }) => onUnhealthy("Liveness", message),
        onTripped: () => onKill("Liveness"),
      });
    }
    if (spec.readinessProbe !== undefined) {
      void runProbe({
        probe: spec.readinessProbe,
        passing: options.found.ready,
        target,
        signal,
        onChange: options.onReady,
        onFailure: ({ message }) => onUnhealthy("Readiness", message),
        onTripped: () => undefined,
      });
    } else if (options.readyPort === undefined) {
      options.onReady(true);
    } else {
      void waitForPort(options.readyPort, options);
    }
  };
  if (spec.startupProbe === undefined || options.found.started) {
    afterStart();
    return;
  }
  const startup = new AbortController();
  void runProbe({
    probe: spec.startupProbe,
    passing: false,
    target,
    signal: AbortSignal.any([signal, startup.signal]),
    onChange: (passing) => {
      if (passing) {
        startup.abort();
        afterStart();
      }
    },
    onFailure: ({ message }) => onUnhealthy("Startup", message),
    onTripped: () => {
      startup.abort();
      onKill("Startup");
    },
  });
}

async function waitForPort(containerPort: number, { target, signal, onReady }: ProbesOptions): Promise<void> {
  let pauseMs = 50;
  while (!signal.aborted) {
    const { host, port } = target.address(containerPort);
    const accepted = await tcpConnect(host, port, 1_000).then(
      () => true,
      () => false,
    );
    if (signal.aborted) {
      return;
    }
    if (accepted) {
      onReady(true);
      return;
    }
    await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 1.5, 2_000);
  }
}
