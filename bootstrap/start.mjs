// `npm start`: brings the checkout up to date, then hands over to the supervisor under Towpath's own Node.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bin, ensureBuilt, ensureInstalled, env, root } from "./checkout.mjs";

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
// npm that is killed tells nobody: notice that somebody else became our parent.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && stop(), 500).unref();
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 0)));
