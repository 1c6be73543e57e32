import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, readProcess, sendSignal, sessionMembers } from "./process-table.ts";

/** How a process ended. */
export interface Exit {
  /** 128 + signal when a signal ended it, as a shell counts. */
  readonly code: number;
  readonly signal: number | undefined;
  /** False for adopted processes: only a parent learns how its child ended. */
  readonly known: boolean;
  readonly at: Date;
}

/** A process that leads a session of its own, with everything that it started in that session. */
export interface SessionProcess {
  readonly pid: number;
  readonly startTime: string;
  readonly exited: Promise<Exit>;
  isAlive(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM to the leader; when it is gone, or after `graceMs`, SIGKILL to what is left of the session. */
  stop(graceMs: number): Promise<Exit>;
}

export interface SpawnOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdio: StdioOptions;
}

/** How often an adopted process is looked at; its exit is not signalled to anybody but its parent. */
const adoptedPollMs = 250;

/**
 * Starts a program in a session of its own. It is found on the PATH of `env`, never through a shell.
 * @throws Error with `code` ENOENT, EACCES… when it cannot be started.
 */
export async function spawnSession(options: SpawnOptions): Promise<{ session: SessionProcess; child: ChildProcess }> {
  const [command, ...args] = options.argv;
  if (command === undefined || command === "") {
    throw Object.assign(new Error("no command"), { code: "ENOENT" });
  }
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: options.stdio,
    detached: true,
    windowsHide: true,
  });
  // Read before the event loop turns: even a process that ended at once is still there, unreaped.
  const facts = child.pid === undefined ? undefined : readProcess(child.pid);
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      const number = signal === null ? undefined : constants.signals[signal];
      resolve({ code: code ?? 128 + (number ?? 0), signal: number, known: true, at: new Date() });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  const pid = child.pid;
  if (pid === undefined) {
    throw new Error("started without a pid");
  }
  return { session: sessionOf(pid, facts?.startTime ?? "0", exited), child };
}

/** Takes over a process that an earlier life of this program started; undefined when it has ended. */
export function adoptSession(pid: number, startTime: string): SessionProcess | undefined {
  if (!isAlive(pid, startTime)) {
    return undefined;
  }
  const watch = async (): Promise<Exit> => {
    while (isAlive(pid, startTime)) {
      await sleep(adoptedPollMs, undefined, { ref: false });
    }
    return { code: 137, signal: undefined, known: false, at: new Date() };
  };
  return sessionOf(pid, startTime, watch());
}

function sessionOf(pid: number, startTime: string, exited: Promise<Exit>): SessionProcess {
  const alive = (): boolean => isAlive(pid, startTime);
  return {
    pid,
    startTime,
    exited,
    isAlive: alive,
    signal(signal) {
      if (alive()) {
        sendSignal(pid, signal);
      }
    },
    async stop(graceMs) {
      if (alive()) {
        sendSignal(pid, "SIGTERM");
        const timer = new AbortController();
        await Promise.race([exited, sleep(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
        timer.abort();
      }
      killSession(pid);
      return exited;
    },
  };
}

/**
 * SIGKILL to every process of a session, again until none is left: one may be forking while it is looked at. A pid is
 * not given to a new process while a session or group of that number exists, so `session` cannot mean another one.
 */
export function killSession(session: number): void {
  for (let round = 0; round < 10; round += 1) {
    const members = sessionMembers(session);
    if (members.length === 0) {
      return;
    }
    for (const { pid } of members) {
      sendSignal(pid, "SIGKILL");
    }
  }
}
