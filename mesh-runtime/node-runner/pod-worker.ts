import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ZdsPod } from "../zds/protocol.ts";
import { isDirect } from "./capture.ts";
import { type ContainerRunner, createContainer } from "./container.ts";
import { containerEnvironment, expand } from "./environment.ts";
import { createExecSessions, type ExecSessions } from "./exec-session.ts";
import { ignoredFeatures } from "./ignored-features.ts";
import { containerArgv } from "./images.ts";
import { createLogKeeper, logFiles } from "./log-file.ts";
import { createPodNetwork, type PodNetwork } from "./pod-network.ts";
import type { PodRecord } from "./pod-record.ts";
import { podStatus } from "./pod-status.ts";
import type { Container, Pod, PodStatus } from "./pod-types.ts";
import type { PodWorkerContext } from "./pod-worker-context.ts";
import { proxyEnvironment } from "./proxy-environment.ts";
import { adoptSession, type SessionProcess } from "./session-process.ts";
import { createStatusWriter } from "./status-writer.ts";
import { timestamp } from "./timestamp.ts";
import { keepTokenFiles } from "./token-files.ts";

/** Before SIGTERM a pod that serves goes on for this long, so that every source has learned that it leaves. */
const leavePauseMs = 500;
const defaultGraceSeconds = 30;
const logTickMs = 1_000;

/** The address and private ports of a pod. */
export interface Sandbox {
  readonly podIP: string;
  readonly appPorts: ReadonlyMap<number, number>;
}

/** Runs one pod from its sandbox to its removal. */
export interface PodWorker {
  /** The pod or its namespace changed. */
  update(pod: Pod): void;
  acknowledged(sent: ZdsPod, captured: boolean): void;
  networkFailed(code: string, message: string): void;
  /** Ends every process; `graceMs` limits the pod's own grace period. `leave`: the pod stays and will run again. */
  stop(options: { graceMs: number; leave: boolean }): Promise<void>;
  pod(): Pod;
  readonly isRunning: (container: string) => boolean;
  readonly exec: ExecSessions;
}

export function createPodWorker(
  context: PodWorkerContext,
  first: Pod,
  sandbox: Sandbox,
  record: PodRecord | undefined,
): PodWorker {
  let pod = first;
  const uid = first.metadata?.uid ?? "";
  const { name = "", namespace = "" } = first.metadata ?? {};
  const podText = `${name}_${namespace}(${uid})`;
  const directory = context.records.directory(uid);
  const work = context.records.work(uid);
  const tokens = join(directory, "tokens");
  mkdirSync(work, { recursive: true, mode: 0o700 });
  mkdirSync(join(directory, "logs"), { recursive: true, mode: 0o700 });

  const direct = isDirect(first);
  const stopped = new AbortController();
  const startTime = timestamp(new Date());
  const restartPolicy = first.spec?.restartPolicy;
  let isUp = false;

  const graceSeconds = (): number =>
    pod.metadata?.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds;

  const address = (containerPort: number) =>
    direct
      ? { host: sandbox.podIP, port: containerPort }
      : { host: "127.0.0.1", port: sandbox.appPorts.get(containerPort) ?? containerPort };

  const command = (spec: Container) => {
    const env = containerEnvironment({
      pod,
      container: spec,
      podIP: sandbox.podIP,
      nodeName: context.node,
      hostIP: context.hostIP,
      appPorts: sandbox.appPorts,
      path: context.path,
      home: work,
      compileCache: context.compileCache,
      ...(direct && { proxy: proxyEnvironment(pod, context.mesh, tokens) }),
    });
    const expanded = (list: readonly string[] | undefined) => list?.map((text) => expand(text, env));
    const argv = containerArgv(context.images, {
      image: spec.image,
      command: expanded(spec.command),
      args: expanded(spec.args),
    });
    return { argv, env, cwd: work };
  };

  const save = (): void => {
    const captured = network?.captured() ?? false;
    const records = Object.fromEntries(all.map((container) => [container.name, container.record()]));
    const { podIP, appPorts } = sandbox;
    context.records.save({ uid, name, namespace, podIP, appPorts: [...appPorts], captured, containers: records });
  };
  const changed = (): void => {
    if (!stopped.signal.aborted) {
      try {
        save();
      } catch (error) {
        // A full disk must not end the pod; without the record only adoption after a crash suffers.
        context.log.error("pod state not saved", { pod: podText, error: String(error) });
      }
    }
    network?.refresh();
    status.touch();
  };

  const make = (spec: Container, inits: boolean): ContainerRunner =>
    createContainer({
      spec,
      restartPolicy: inits && restartPolicy !== "Never" ? "OnFailure" : restartPolicy,
      graceMs: graceSeconds() * 1000,
      backOff: context.backOff,
      log: logFiles(directory, spec.name),
      podText,
      command: () => command(spec),
      target: {
        ports: spec.ports ?? [],
        address,
        exec: (argv, timeoutMs) => exec.run(spec.name, argv, timeoutMs),
      },
      readyPort: spec.ports?.find(({ protocol }) => protocol === undefined || protocol === "TCP")?.containerPort,
      onChange: changed,
      event: (type, reason, message) =>
        context.events.record(pod, {
          type,
          reason,
          message,
          fieldPath: `spec.${inits ? "initContainers" : "containers"}{${spec.name}}`,
        }),
    });

  const isRunning = (container: string): boolean =>
    all.find(({ name: one }) => one === container)?.session() !== undefined;
  const exec = createExecSessions({
    specs: [...(first.spec?.containers ?? []), ...(first.spec?.initContainers ?? [])],
    isRunning: (container) => isRunning(container),
    command: (spec) => {
      const { env, cwd } = command({ ...spec, command: ["/"] });
      return { env, cwd };
    },
    onChange: () => network?.refresh(),
  });
  const inits = (first.spec?.initContainers ?? []).map((spec) => make(spec, true));
  const containers = (first.spec?.containers ?? []).map((spec) => make(spec, false));
  const all = [...inits, ...containers];

  const network: PodNetwork | undefined = direct
    ? undefined
    : createPodNetwork({
        agent: context.agent,
        pod: () => pod,
        namespaceLabels: () => context.namespaceLabels(namespace),
        podIP: sandbox.podIP,
        appPorts: sandbox.appPorts,
        captured: record?.captured,
        sessions: () => [
          ...all
            .map((container) => container.session())
            .filter((session): session is SessionProcess => session !== undefined),
          ...exec.sessions(),
        ],
        announce: async (captured) => {
          await context.annotate(pod, captured);
          save();
        },
        onChange: () => status.touch(),
        signal: stopped.signal,
      });

  const compute = (previous: PodStatus | undefined): PodStatus =>
    podStatus(
      {
        hostIP: context.hostIP,
        podIP: sandbox.podIP,
        networkReady: isUp || network?.isUp() === true,
        startTime,
        restartPolicy,
        initContainers: inits.map((container) => container.status()),
        containers: containers.map((container) => container.status()),
        networkProblem: network?.problem(),
        now: timestamp(new Date()),
      },
      previous,
    );
  const status = createStatusWriter({ client: context.client, log: context.log, pod: () => pod, compute });

  /** A process of an earlier life that still runs must go on without waiting for anybody. */
  const survives = Object.values(record?.containers ?? {}).some(
    ({ running }) => running !== undefined && adoptSession(running.pid, running.startTime) !== undefined,
  );

  const run = async (): Promise<void> => {
    const ignored = ignoredFeatures(first);
    if (record === undefined && ignored.length > 0) {
      const message = `The embedded mesh runs pods as plain processes and does not do: ${ignored.join(", ")}`;
      context.events.record(first, { type: "Warning", reason: "Unsupported", message });
    }
    save();
    status.touch();
    network?.refresh();
    if (direct) {
      const filled = keepTokenFiles({
        client: context.client,
        directory: tokens,
        serviceAccount: { namespace, name: first.spec?.serviceAccountName ?? "default" },
        boundTo: () => ({ kind: "Pod", name, uid }),
        signal: stopped.signal,
        log: context.log,
      });
      await (survives ? undefined : filled);
    } else if (!survives) {
      await Promise.race([network?.ready, aborted(stopped.signal)]);
    }
    isUp = true;
    for (const container of inits) {
      if (stopped.signal.aborted) {
        return;
      }
      container.start(record?.containers[container.name]);
      if (!survives && (await container.done) !== 0) {
        status.touch();
        return;
      }
    }
    for (const container of stopped.signal.aborted ? [] : containers) {
      container.start(record?.containers[container.name]);
    }
    status.touch();
  };
  const keepers = all.map(({ name: container }) => createLogKeeper(logFiles(directory, container)));
  const logTimer = setInterval(() => {
    for (const keeper of keepers) {
      keeper.tick(new Date()).catch((error: unknown) => context.log.warn("log not kept", { error: String(error) }));
    }
  }, logTickMs);
  logTimer.unref();
  run().catch((error: unknown) => context.log.error("pod failed", { pod: podText, error: String(error) }));

  return {
    exec,
    isRunning,
    pod: () => pod,
    update(next) {
      pod = next;
      status.observe(next.status);
      network?.refresh();
    },
    acknowledged: (sent, captured) => network?.acknowledged(sent, captured),
    networkFailed(code, message) {
      network?.failed(code, message);
      context.events.record(pod, {
        type: "Warning",
        reason: "FailedCreatePodSandBox",
        message: `Failed to set up the pod's network: ${code}: ${message}`,
      });
    },
    async stop({ graceMs, leave }) {
      const grace = Math.min(graceSeconds() * 1000, graceMs);
      const alive = all.filter((container) => container.session() !== undefined);
      if (!leave) {
        for (const { name: container } of alive) {
          context.events.record(pod, {
            type: "Normal",
            reason: "Killing",
            message: `Stopping container ${container}`,
            fieldPath: `spec.containers{${container}}`,
          });
        }
        if (alive.length > 0 && grace > leavePauseMs && sandbox.appPorts.size > 0) {
          await sleep(leavePauseMs);
        }
      }
      await Promise.all(all.map((container) => container.stop(grace)));
      await exec.close();
      status.touch();
      if (leave) {
        save();
        await Promise.race([status.flush(), sleep(leavePauseMs)]);
      } else {
        await status.flush();
        await network?.remove();
      }
      stopped.abort();
      status.close();
      clearInterval(logTimer);
    },
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
