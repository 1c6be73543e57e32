// `npm start`: brings the checkout up to date, then hands over to the supervisor under Towpath's own Node.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bin, ensureBuilt, ensureInstalled, env, root } from "./checkout.mjs";

/** Our parent and, under npm, the parent of the shell that npm starts scripts with. */
function ancestors() {
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined || process.platform !== "linux") {
    return `${parent}`;
  }
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, "latin1");
    return `${parent} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]}`;
  } catch {
    return `${parent}`;
  }
}

/** As it was before anything took time: whoever dies during the build is missed too. */
const started = ancestors();

await ensureInstalled();
await ensureBuilt();

const child = spawn(
  bin("node"),
  ["--disable-warning=ExperimentalWarning", join(root, "supervisor", "main.ts"), ...process.argv.slice(2)],
  // A pipe that nobody writes: when this process is killed, the supervisor reads the end and stops everything.
  { stdio: ["pipe", "inherit", "inherit"], env, detached: true },
);
child.stdin.on("error", () => {});
const stop = () => child.kill("SIGTERM");
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
process.on("SIGHUP", stop);
// npm that is killed tells nobody: notice that it, or the shell between it and us, is gone.
setInterval(() => ancestors() !== started && stop(), 500).unref();
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 0)));
