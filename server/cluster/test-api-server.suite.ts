/** The mesh's real API server as a process of its own, for tests: the portal meets it over the network only. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface TestApiServer {
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}

const main = fileURLToPath(new URL("../../mesh-runtime/api-server/main.ts", import.meta.url));

export async function startTestApiServer(): Promise<TestApiServer> {
  const base = await mkdtemp(join(tmpdir(), "towpath-portal-api-"));
  const at = (name: string): string => join(base, name);
  const child = spawn(
    process.execPath,
    [
      main,
      ...["--data", at("api"), "--host", "127.0.0.1", "--port", "0", "--credentials", at("credentials")],
      ...["--kubeconfig", at("kubeconfig"), "--run", at("run"), "--nodes", "node-a"],
    ],
    { stdio: ["pipe", "pipe", "ignore"] },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('"ready"')) {
      break;
    }
  }
  child.stdout.resume();
  return {
    kubeconfig: at("kubeconfig"),
    async close() {
      const exited = once(child, "exit");
      child.stdin.end();
      await exited;
      await rm(base, { recursive: true, force: true });
    },
  };
}
