import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Log } from "../mesh-runtime/common/log.ts";

export interface ProcessSpec {
  readonly name: string;
  /** Script and arguments for this Node. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** How long it may take to end after SIGTERM. */
  readonly graceMs: number;
}

/** A JSON line that the process wrote to stdout. */
export type ProcessMessage = Readonly<Record<string, unknown>> & { readonly event: string };

const backoffMinMs = 100;
const backoffMaxMs = 5_000;
const steadyMs = 20_000;

/**
 * One child that is kept running: started again with back-off when it ends by itself, ended with SIGTERM, then
 * SIGKILL. Its stdin is a pipe that nobody writes: when this process dies, the child reads the end and stops.
 */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly #log: Log;
  readonly #onEvent: (event: ProcessMessage, name: string) => void;
  /** The log file. The child writes its stderr there itself: a pipe would break, and the child with it, when we die. */
  readonly #logFd: number;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  #backoffMs = backoffMinMs;
  #startedMs = 0;
  restarts = 0;

  constructor(spec: ProcessSpec, log: Log, onEvent: (event: ProcessMessage, name: string) => void) {
    this.spec = spec;
    this.#log = log;
    this.#onEvent = onEvent;
    this.#logFd = openSync(spec.logFile, "a", 0o600);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    this.#startedMs = Date.now();
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...this.spec.argv], {
      stdio: ["pipe", "pipe", this.#logFd],
      // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends the others in order.
      detached: true,
      env: this.spec.env,
    });
    this.#child = child;
    child.stdin?.on("error", () => {});
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (line) => this.#line(line));
    }
    child.on("error", (error) => this.#log.error("cannot start", { process: this.spec.name, error: error.message }));
    child.on("close", (code, signal) => this.#ended(code, signal));
  }

  #line(line: string): void {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === "object" && value !== null && "event" in value && typeof value.event === "string") {
        this.#onEvent(value as ProcessMessage, this.spec.name);
        return;
      }
    } catch {
      // Ordinary output.
    }
    writeSync(this.#logFd, `${line}\n`);
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = undefined;
    if (this.#stopping) {
      return;
    }
    if (Date.now() - this.#startedMs > steadyMs) {
      this.#backoffMs = backoffMinMs;
    }
    this.#log.warn("ended; starting it again", {
      process: this.spec.name,
      code,
      signal,
      afterMs: this.#backoffMs,
    });
    this.restarts++;
    this.#timer = setTimeout(() => this.start(), this.#backoffMs);
    this.#backoffMs = Math.min(backoffMaxMs, this.#backoffMs * 2);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      await new Promise<void>((resolve) => {
        const kill = setTimeout(() => child.kill("SIGKILL"), this.spec.graceMs);
        child.once("close", () => {
          clearTimeout(kill);
          resolve();
        });
        child.kill("SIGTERM");
      });
    }
    closeSync(this.#logFd);
  }
}
