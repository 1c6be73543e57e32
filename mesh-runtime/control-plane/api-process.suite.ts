/** The real API server as a process of its own, for tests. Test code. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type ProcessEvent, parseProcessEvent } from "../common/process-events.ts";
import { createKubeClient, type KubeClient } from "../kube-client/client.ts";
import { loadKubeconfig } from "../kube-client/kubeconfig.ts";

export interface ApiProcess {
  /** Temporary home; gone after `close`. */
  readonly folder: string;
  readonly admin: KubeClient;
  /** Kills without a word, as a crash does. */
  kill(): Promise<void>;
  /** Starts again on the same port and data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one with an empty store. */
export async function startApiProcess(): Promise<ApiProcess> {
  const folder = await mkdtemp(join(tmpdir(), "towpath-control-plane-"));
  let { child, port } = await run(folder, 0);
  const admin = createKubeClient({ kubeconfig: await loadKubeconfig(join(folder, "kubeconfig")), component: "test" });
  return {
    folder,
    admin,
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    async restart() {
      ({ child, port } = await run(folder, port));
    },
    async close() {
      admin.close();
      child.stdin?.end();
      await once(child, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(folder: string, port: number): Promise<{ child: ChildProcess; port: number }> {
  const flags = {
    data: join(folder, "api"),
    host: "127.0.0.1",
    port: String(port),
    credentials: join(folder, "credentials"),
    kubeconfig: join(folder, "kubeconfig"),
    run: join(folder, "run"),
    nodes: "node-a,node-b",
  };
  const child = startMain("../api-server/main.ts", flags);
  const events = await eventsUntilReady(child);
  const listen = events.find((event) => event.event === "listen");
  return { child, port: listen?.event === "listen" ? listen.port : port };
}

/** Starts one of the mesh's processes, with its stdin as its life line. */
export function startMain(main: string, flags: Readonly<Record<string, string>>): ChildProcess {
  const path = new URL(main, import.meta.url).pathname;
  return spawn(process.execPath, [path, ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])], {
    stdio: ["pipe", "pipe", "ignore"],
  });
}

/** What a process says until it is ready. */
export async function eventsUntilReady(child: ChildProcess): Promise<ProcessEvent[]> {
  const events: ProcessEvent[] = [];
  if (child.stdout === null) {
    return events;
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const event = parseProcessEvent(line);
    if (event !== undefined) {
      events.push(event);
    }
    if (event?.event === "ready" || event?.event === "fatal") {
      break;
    }
  }
  // Keep reading, so that the pipe never fills.
  child.stdout.resume();
  return events;
}
