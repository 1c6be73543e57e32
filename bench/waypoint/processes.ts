import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { root } from "../../supervisor/config.ts";

/** Path of a file of the benchmark. */
export const at = (file: string): string => join(root, "bench", file);

/** Starts one of the benchmark's programs; it ends with us, by its stdin. */
export const startProgram = (file: string, ...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [at(file), ...args], { stdio: ["pipe", "pipe", "inherit"] });

/** The first line of a child's output, as JSON. Rejects when it ends without one. */
export async function firstLine<T>(child: ChildProcess): Promise<T> {
  if (child.stdout === null) {
    throw new Error("no output");
  }
  const gone = once(child, "exit").then(([code]: (number | null)[]) => {
    throw new Error(`${child.spawnargs.slice(0, 3).join(" ")} ended with ${code}`);
  });
  gone.catch(() => undefined);
  const line = once(createInterface({ input: child.stdout }), "line") as Promise<[string]>;
  return JSON.parse((await Promise.race([line, gone]))[0]) as T;
}

/** Kills a child and waits for its end. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
