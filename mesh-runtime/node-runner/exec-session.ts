import type { ChildProcess } from "node:child_process";
import type { Container } from "./pod-types.ts";
import { type SessionProcess, spawnSession } from "./session-process.ts";

/** Why a command cannot be run in a container. */
export class ExecError extends Error {
  override readonly name = "ExecError";
  readonly code: "containerNotFound" | "containerNotRunning" | "commandNotFound" | "commandFailed" | "tooMany";

  constructor(code: ExecError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Commands that run in a pod beside its containers: `kubectl exec` and exec probes. */
export interface ExecSessions {
  /** Starts a command with pipes. @throws ExecError */
  start(
    container: string | undefined,
    argv: readonly string[],
  ): Promise<{ session: SessionProcess; child: ChildProcess }>;
  /** Runs a command to its end, or kills it after `timeoutMs`. @throws ExecError */
  run(container: string, argv: readonly string[], timeoutMs: number): Promise<{ code: number; output: string }>;
  sessions(): readonly SessionProcess[];
  close(): Promise<void>;
}

export interface ExecSessionsOptions {
  /** The first is the default. */
  readonly specs: readonly Container[];
  readonly isRunning: (container: string) => boolean;
  readonly command: (spec: Container) => { env: Readonly<Record<string, string>>; cwd: string };
  /** The set of sessions changed: the agent must know them before they may call out. */
  readonly onChange: () => void;
}

const outputBytesMax = 16 << 10;
const sessionsMax = 64;

export function createExecSessions(options: ExecSessionsOptions): ExecSessions {
  const sessions = new Set<SessionProcess>();

  const start: ExecSessions["start"] = async (container, argv) => {
    const spec = container === undefined ? options.specs[0] : options.specs.find(({ name }) => name === container);
    if (spec === undefined) {
      throw new ExecError("containerNotFound", `container ${container ?? ""} is not valid for the pod`);
    }
    if (!options.isRunning(spec.name)) {
      throw new ExecError("containerNotRunning", `container ${spec.name} is not running`);
    }
    if (sessions.size >= sessionsMax) {
      throw new ExecError("tooMany", `the pod runs ${sessionsMax} commands already`);
    }
    const { env, cwd } = options.command(spec);
    const started = await spawnSession({ argv, env, cwd, stdio: ["pipe", "pipe", "pipe"] }).catch((cause: unknown) => {
      const notFound = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
      throw new ExecError(
        notFound ? "commandNotFound" : "commandFailed",
        notFound ? `exec: ${JSON.stringify(argv[0] ?? "")}: executable file not found in $PATH` : String(cause),
        cause,
      );
    });
    sessions.add(started.session);
    options.onChange();
    void started.session.exited.then(() => {
      sessions.delete(started.session);
      // What the command left behind in its session ends with it.
      void started.session.stop(0);
      options.onChange();
    });
    return started;
  };

  return {
    start,
    async run(container, argv, timeoutMs) {
      const { session, child } = await start(container, argv);
      child.stdin?.end();
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding("utf8").on("data", (chunk: string) => {
          output = (output + chunk).slice(-outputBytesMax);
        });
      }
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        void session.stop(0);
      }, timeoutMs);
      const { code } = await session.exited;
      clearTimeout(timer);
      return timedOut ? { code: 137, output: `command timed out after ${timeoutMs} ms` } : { code, output };
    },
    sessions: () => [...sessions],
    async close() {
      await Promise.all([...sessions].map((session) => session.stop(0)));
    },
  };
}
