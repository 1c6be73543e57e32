import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../supervisor/config.ts";

export interface WarmStart {
  /** First start on an empty home, with dependencies and build present. */
  readonly firstMs: number;
  /** Later starts on the same home. */
  readonly laterMs: readonly number[];
}

/** Time from `npm start`'s program to its `ready` event, portal, database, mesh and demo included. */
export async function measureWarmStart(later: number): Promise<WarmStart> {
  const home = await mkdtemp(join(tmpdir(), "towpath-bench-"));
  const times: number[] = [];
  for (let round = 0; round <= later; round++) {
    const begun = performance.now();
    const child = spawn(process.execPath, [join(root, "bootstrap", "start.mjs"), "--json"], {
      cwd: root,
      env: { ...process.env, TOWPATH_HOME: home, PORT: "0", TOWPATH_GATEWAY_PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      if ((JSON.parse(line) as { event: string }).event === "ready") {
        times.push(performance.now() - begun);
        break;
      }
    }
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
  return { firstMs: times[0] ?? 0, laterMs: times.slice(1) };
}
