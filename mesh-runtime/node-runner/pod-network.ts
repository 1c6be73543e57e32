import { setTimeout as sleep } from "node:timers/promises";
import type { ZdsPod } from "../zds/protocol.ts";
import type { AgentLink } from "./agent-link.ts";
import { isAnnounced, wishesCapture } from "./capture.ts";
import type { Pod } from "./pod-types.ts";
import type { SessionProcess } from "./session-process.ts";

/**
 * Between taking back the sign that a pod is captured and really letting go, so that every source has switched to plain
 * text before the HBONE listener closes.
 */
const leavePauseMs = 1_000;
/** As many as the protocol carries. */
const sessionsMax = 256;

export interface PodNetworkOptions {
  readonly agent: Pick<AgentLink, "put" | "remove">;
  readonly pod: () => Pod;
  readonly namespaceLabels: () => Readonly<Record<string, string>> | undefined;
  readonly podIP: string;
  readonly appPorts: ReadonlyMap<number, number>;
  /** What the agent was told in an earlier life; undefined for a new pod. */
  readonly captured: boolean | undefined;
  readonly sessions: () => readonly SessionProcess[];
  /** Writes or removes `ambient.istio.io/redirection` on the pod. Rejects when the API cannot be reached. */
  readonly announce: (captured: boolean) => Promise<void>;
  readonly onChange: () => void;
  readonly signal: AbortSignal;
}

/** A pod's side of the agent: its listeners, whether it is captured, which processes belong to it. */
export interface PodNetwork {
  /** Resolves when the agent first acknowledged the pod. */
  readonly ready: Promise<void>;
  readonly isUp: () => boolean;
  readonly problem: () => string | undefined;
  /** What the agent is told. */
  readonly captured: () => boolean;
  /** Labels, namespace or sessions may have changed. */
  refresh(): void;
  acknowledged(sent: ZdsPod, captured: boolean): void;
  failed(code: string, message: string): void;
  remove(): Promise<void>;
}

export function createPodNetwork(options: PodNetworkOptions): PodNetwork {
  const wish = (): boolean => wishesCapture(options.pod(), options.namespaceLabels());
  let told = options.captured ?? wish();
  let sent = "";
  /** The last that the agent confirmed. */
  let confirmed: boolean | undefined;
  let problem: string | undefined;
  let isReconciling = false;
  let again = false;
  let markReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });

  const put = (): void => {
    const { uid = "", name = "", namespace = "" } = options.pod().metadata ?? {};
    const ports = (options.pod().spec?.containers ?? [])
      .flatMap((container) => container.ports ?? [])
      .filter(({ protocol }) => protocol === undefined || protocol === "TCP")
      .slice(0, 64)
      .map((port) => ({
        name: port.name ?? "",
        port: port.containerPort,
        appPort: options.appPorts.get(port.containerPort) ?? port.containerPort,
      }));
    const sessions = options
      .sessions()
      .slice(-sessionsMax)
      .map(({ pid, startTime }) => ({ pid, startTime }));
    const pod: ZdsPod = {
      uid,
      name,
      namespace,
      serviceAccount: options.pod().spec?.serviceAccountName ?? "default",
      podIP: options.podIP,
      ports,
      captured: told,
      sessions,
    };
    const text = JSON.stringify(pod);
    if (text !== sent) {
      sent = text;
      options.agent.put(pod);
    }
  };

  /** Brings the agent and the annotation to the wish, in the order in which nobody is cut off. */
  const reconcile = async (): Promise<void> => {
    if (wish() && !told) {
      told = true;
    }
    if (!wish() && told) {
      if (isAnnounced(options.pod())) {
        await options.announce(false);
        await sleep(leavePauseMs, undefined, { signal: options.signal, ref: false });
      }
      // The wish may have come back during the pause.
      told = wish();
    }
    put();
    if (told && confirmed === true && wish() && !isAnnounced(options.pod())) {
      await options.announce(true);
    }
    if (!told && isAnnounced(options.pod())) {
      await options.announce(false);
    }
  };
  const refresh = (): void => {
    again = true;
    if (isReconciling) {
      return;
    }
    isReconciling = true;
    const work = async (): Promise<void> => {
      let pauseMs = 100;
      while (again && !options.signal.aborted) {
        again = false;
        try {
          await reconcile();
          pauseMs = 100;
        } catch {
          again = true;
          await sleep(pauseMs, undefined, { signal: options.signal, ref: false }).catch(() => undefined);
          pauseMs = Math.min(pauseMs * 2, 5_000);
        }
      }
      isReconciling = false;
    };
    void work();
  };

  return {
    ready,
    isUp: () => confirmed !== undefined,
    problem: () => problem,
    captured: () => told,
    refresh,
    acknowledged(pod, captured) {
      if (pod.captured !== told) {
        return;
      }
      confirmed = captured;
      problem = undefined;
      if (!told || captured) {
        markReady();
      }
      options.onChange();
      refresh();
    },
    failed(code, message) {
      problem = `${code}: ${message}`;
      options.onChange();
    },
    async remove() {
      await options.agent.remove(options.pod().metadata?.uid ?? "");
    },
  };
}
