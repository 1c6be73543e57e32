import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { PostgresError } from "./postgres-error.ts";

const fastMs = 5_000;
const immediateMs = 3_000;
const pollMs = 20;

/**
 * Ends a server that a killed supervisor left behind on this data directory: fast shutdown first, immediate shutdown
 * (which is safe, it only makes the next start replay the log) when that takes too long. PostgreSQL's own check would
 * refuse the start.
 */
export async function endOrphan(cluster: string): Promise<boolean> {
  const file = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "");
  const [pidLine = "", directory = ""] = file.split("\n");
  const pid = Number.parseInt(pidLine, 10);
  // The pid may be anybody's by now: only a process that names this data directory is ours.
  if (!(pid > 1) || directory !== cluster || !(await servesCluster(pid, cluster))) {
    return false;
  }
  process.kill(pid, "SIGINT");
  if (await gone(pid, fastMs)) {
    return true;
  }
  process.kill(pid, "SIGQUIT");
  if (await gone(pid, immediateMs)) {
    return true;
  }
  throw new PostgresError("orphan-stays", `PostgreSQL (process ${pid}) of an earlier start does not end`);
}

async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  if (process.platform !== "linux") {
    return alive(pid);
  }
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.split("\0").includes(cluster);
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  for (const end = Date.now() + withinMs; Date.now() < end; ) {
    if (!alive(pid)) {
      return true;
    }
    await sleep(pollMs);
  }
  return !alive(pid);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
