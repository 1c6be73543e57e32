import { randomBytes } from "node:crypto";
import { closeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerRecord, Ended } from "./container-record.ts";
import { containerStatus } from "./container-status.ts";
import { EnvironmentError } from "./environment.ts";
import { ImageError } from "./images.ts";
import { type LogFiles, openLog } from "./log-file.ts";
import type { Container, ContainerStatus } from "./pod-types.ts";
import type { ProbeTarget } from "./probe-attempt.ts";
import { startProbes } from "./probes.ts";
import { nextPauseMs, type RestartBackOff, shouldRestart } from "./restart-policy.ts";
import { adoptSession, type Exit, type SessionProcess, spawnSession } from "./session-process.ts";

/** What the kubelet calls an event, about one container. */
export type ContainerEvent = (type: "Normal" | "Warning", reason: string, message: string) => void;

export interface ContainerOptions {
  readonly spec: Container;
  readonly restartPolicy: string | undefined;
  readonly graceMs: number;
  readonly backOff: RestartBackOff;
  readonly log: LogFiles;
  /** `<pod>_<namespace>(<uid>)`, for messages. */
  readonly podText: string;
  /** Made anew for each run. Throws ImageError or EnvironmentError when it cannot be run. */
  readonly command: () => { argv: readonly string[]; env: Readonly<Record<string, string>>; cwd: string };
  readonly target: ProbeTarget;
  /** Where readiness is looked for when there is no readiness probe; undefined: ready as soon as it runs. */
  readonly readyPort: number | undefined;
  readonly onChange: () => void;
  readonly event: ContainerEvent;
}

/** One container: starts its process, watches, probes and restarts it until it is stopped or done. */
export interface ContainerRunner {
  readonly name: string;
  /** Begins; with the record of an earlier life it adopts the process when that still runs. Call once. */
  start(record?: ContainerRecord): void;
  status(): ContainerStatus;
  record(): ContainerRecord;
  session(): SessionProcess | undefined;
  /** Resolves when it will not be started again: with its last exit code, or undefined when it was stopped. */
  readonly done: Promise<number | undefined>;
  /** Ends it for good, within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

type Waiting = { readonly reason: string; readonly message?: string };

export function createContainer(options: ContainerOptions): ContainerRunner {
  const { spec, backOff, event } = options;
  const stopped = new AbortController();
  let waiting: Waiting = { reason: "ContainerCreating" };
  let running: { session: SessionProcess; startedAt: Date; id: string } | undefined;
  let ready = false;
  let started = false;
  let restartCount = 0;
  let pauseMs: number | undefined;
  let last: Ended | undefined;
  let finished = false;
  let settle: (code: number | undefined) => void = () => undefined;
  const done = new Promise<number | undefined>((resolve) => {
    settle = resolve;
  });

  const change = (apply: () => void): void => {
    apply();
    options.onChange();
  };

  const launch = async (): Promise<SessionProcess> => {
    const { argv, env, cwd } = options.command();
    const descriptor = openLog(options.log);
    try {
      const { session } = await spawnSession({ argv, env, cwd, stdio: ["ignore", descriptor, descriptor] });
      return session;
    } finally {
      closeSync(descriptor);
    }
  };

  /** Follows one run to its end. */
  const follow = async (
    session: SessionProcess,
    startedAt: Date,
    id: string,
    found = { started: false, ready: false },
  ): Promise<Exit> => {
    const probing = new AbortController();
    change(() => {
      running = { session, startedAt, id };
      ({ started, ready } = found);
    });
    startProbes({
      spec,
      found,
      target: options.target,
      readyPort: options.readyPort,
      signal: probing.signal,
      onStarted: () => change(() => (started = true)),
      onReady: (now) => change(() => (ready = now)),
      onUnhealthy: (kind, message) => event("Warning", "Unhealthy", `${kind} probe failed: ${message}`),
      onKill: (kind) => {
        event("Normal", "Killing", `Container ${spec.name} failed ${kind.toLowerCase()} probe, will be restarted`);
        void session.stop(options.graceMs);
      },
    });
    const exit = await session.exited;
    probing.abort();
    // What the container's first process left behind ends with it, as in a process namespace.
    void session.stop(0);
    change(() => {
      running = undefined;
      ready = false;
      started = false;
      last = { id, code: exit.code, signal: exit.signal, known: exit.known, startedAt, finishedAt: exit.at };
      waiting = { reason: "ContainerCreating" };
    });
    return exit;
  };

  const pauseBeforeRestart = async (ranMs: number): Promise<void> => {
    pauseMs = nextPauseMs(pauseMs, ranMs, backOff);
    if (pauseMs > 0) {
      const message = `back-off ${Math.round(pauseMs / 1000)}s restarting failed container=${spec.name} pod=${options.podText}`;
      change(() => (waiting = { reason: "CrashLoopBackOff", message }));
      event("Warning", "BackOff", `Back-off restarting failed container ${spec.name} in pod ${options.podText}`);
      await sleep(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };

  const run = async (record: ContainerRecord | undefined): Promise<void> => {
    restartCount = record?.restartCount ?? 0;
    last = record?.last;
    pauseMs = record?.pauseMs;
    let adopted = record?.running;
    if (adopted === undefined && record?.last !== undefined) {
      if (!shouldRestart(options.restartPolicy, record.last.code)) {
        return finish(record.last.code);
      }
      restartCount += 1;
      pauseMs = undefined;
    }
    while (!stopped.signal.aborted) {
      let session: SessionProcess | undefined;
      let startedAt = new Date();
      let id = `towpath://${randomBytes(32).toString("hex")}`;
      if (adopted !== undefined) {
        session = adoptSession(adopted.pid, adopted.startTime);
        startedAt = adopted.startedAt;
        id = adopted.id;
        if (session === undefined) {
          change(() => (last = { id, code: 137, signal: undefined, known: false, startedAt, finishedAt: new Date() }));
        }
      } else {
        session = await launch().catch((error: unknown) => {
          const reason = startFailure(error);
          change(() => (waiting = reason));
          event("Warning", "Failed", `Error: ${reason.message ?? reason.reason}`);
          return undefined;
        });
        if (session === undefined) {
          pauseMs = Math.min((pauseMs ?? 0) === 0 ? backOff.firstMs : (pauseMs ?? 0) * 2, backOff.lastMs);
          await sleep(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
          continue;
        }
        event("Normal", "Started", `Started container ${spec.name}`);
      }
      const exit =
        session === undefined ? { code: 137, at: new Date() } : await follow(session, startedAt, id, adopted);
      adopted = undefined;
      if (stopped.signal.aborted) {
        break;
      }
      if (!shouldRestart(options.restartPolicy, exit.code)) {
        return finish(exit.code);
      }
      await pauseBeforeRestart(exit.at.getTime() - startedAt.getTime());
      if (!stopped.signal.aborted) {
        restartCount += 1;
      }
    }
    finish(undefined);
  };

  const finish = (code: number | undefined): void => {
    change(() => (finished = true));
    settle(code);
  };

  return {
    name: spec.name,
    done,
    start(record) {
      run(record).catch((error: unknown) => {
        event("Warning", "Failed", `Error: ${String(error)}`);
        finish(undefined);
      });
    },
    status: () => containerStatus({ spec, waiting, running, ready, started, restartCount, last, finished }),
    record: () => ({
      restartCount,
      pauseMs,
      last,
      running: running && {
        pid: running.session.pid,
        startTime: running.session.startTime,
        startedAt: running.startedAt,
        id: running.id,
        started,
        ready,
      },
    }),
    session: () => running?.session,
    async stop(graceMs) {
      stopped.abort();
      await running?.session.stop(graceMs);
    },
  };
}

function startFailure(error: unknown): { reason: string; message: string } {
  if (error instanceof ImageError) {
    return { reason: error.code, message: error.userMessage };
  }
  if (error instanceof EnvironmentError) {
    return { reason: error.code, message: error.message };
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? error.message : String(error);
  const why = code === "ENOENT" ? "no such program on this machine's PATH" : code === "EACCES" ? "not executable" : "";
  return { reason: "CreateContainerError", message: why === "" ? text : `${text}: ${why}` };
}
