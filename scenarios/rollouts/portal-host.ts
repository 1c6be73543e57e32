import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RolloutDetails } from "../../server/contracts/rollouts.ts";
import { migrationsDir, startTestDatabase, type TestDatabase } from "../../server/db/test-database.suite.ts";
import { root } from "../../supervisor/config.ts";
import type { TestMesh } from "../mesh.ts";
import type { Calls, FromPortal, ToPortal } from "./portal-messages.ts";

const askEveryMs = 150;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A portal over a real mesh that may be killed and started again: its database stays. */
export class PortalHost implements AsyncDisposable {
  readonly #mesh: TestMesh;
  readonly #database: TestDatabase;
  readonly #dataDir: string;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #asked = 0;
  /** The proxies' pushes do not get here. */
  cutOff = false;

  private constructor(mesh: TestMesh, database: TestDatabase, dataDir: string) {
    this.#mesh = mesh;
    this.#database = database;
    this.#dataDir = dataDir;
    mesh.collector.follow((part, batch) => {
      if (!this.cutOff && this.#child?.connected === true) {
        this.#child.send({ part, batch } satisfies ToPortal);
      }
    });
  }

  static async start(mesh: TestMesh): Promise<PortalHost> {
    const dataDir = await mkdtemp(join(tmpdir(), "towpath-portal-"));
    const host = new PortalHost(mesh, await startTestDatabase(), dataDir);
    await host.run();
    return host;
  }

  /** Starts the process; not while one runs. */
  async run(): Promise<void> {
    const child = fork(`${root}/scenarios/rollouts/portal-process.ts`, {
      execArgv: ["--import", `${root}/bench/portal-imports.ts`],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: {
        ...process.env,
        PORT: "0",
        DATABASE_URL: this.#database.url,
        KUBECONFIG: this.#mesh.towpath.home.kubeconfig,
        TOWPATH_PORTAL_DATA: this.#dataDir,
        TOWPATH_PORTAL_URL: "http://127.0.0.1:1",
        TOWPATH_GATEWAY_URL: this.#mesh.towpath.facts.gateway,
        TOWPATH_MIGRATIONS: migrationsDir,
      },
    });
    const ready = new Promise<void>((resolve, reject) => {
      child.on("message", (message: FromPortal) => {
        if ("ready" in message) {
          resolve();
          return;
        }
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if ("error" in message) {
          waiting?.reject(new Error(message.error));
        } else {
          waiting?.resolve(message.value);
        }
      });
      child.once("exit", (code) => reject(new Error(`the portal ended with ${code}`)));
    });
    await ready;
    this.#child = child;
  }

  /** As a crash does: nothing is told, nothing is cleaned up. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined && child.exitCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
    for (const { reject } of this.#waiting.values()) {
      reject(new Error("the portal was killed"));
    }
    this.#waiting.clear();
  }

  call<C extends keyof Calls>(call: C, ...args: Parameters<Calls[C]>): ReturnType<Calls[C]> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const sent = this.#child?.send({ id, call, args } satisfies ToPortal) ?? false;
      if (!sent && this.#child === undefined) {
        this.#waiting.delete(id);
        reject(new Error("no portal runs"));
      }
    }) as ReturnType<Calls[C]>;
  }

  /** Looks again and again, through crashes of the portal, until it is so. */
  async until(
    release: string,
    is: (details: RolloutDetails) => boolean,
    what: string,
    withinMs = 90_000,
  ): Promise<RolloutDetails> {
    const deadline = performance.now() + withinMs;
    let last: RolloutDetails | undefined;
    while (performance.now() < deadline) {
      last = await this.call("details", release).catch(() => last);
      if (last !== undefined && is(last)) {
        return last;
      }
      await pause(askEveryMs);
    }
    const { headline, state, hold, events = [] } = last ?? {};
    throw new Error(`${what}: not so; ${state} (${hold}) ${headline}\n${events.map(({ text }) => text).join("\n")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#database.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}
