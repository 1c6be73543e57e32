// `npm start`: brings the checkout up to date, then hands over to the supervisor under Towpath's own Node.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bin, ensureBuilt, ensureInstalled, env, root } from "./checkout.mjs";

await ensureInstalled();
await ensureBuilt();

const child = spawn(
  bin("node"),
  ["--disable-warning=ExperimentalWarning", join(root, "supervisor", "main.ts"), ...process.argv.slice(2)],
  { stdio: "inherit", env },
);
// The terminal sends Ctrl-C to the whole group; the supervisor ends everything and this waits for it.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
process.on("SIGHUP", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 0)));
