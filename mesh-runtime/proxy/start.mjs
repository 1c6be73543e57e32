/**
 * Entry of the proxy: turns on Node's cache of stripped and compiled code, which has to happen before the first
 * TypeScript file is loaded. A start from a warm cache takes a third of the time and 20 MB less memory, because the
 * TypeScript stripper is never loaded. A start that had to load it fills the cache and replaces itself by one that has
 * not, in the same process: its memory would stay for as long as the pod lives.
 */
import { enableCompileCache, flushCompileCache } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";

const filled = "--cache-is-filled";
const { directory } = enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/towpath", import.meta.url)));
const { main } = await import("./main.ts");
const stripped = process.moduleLoadList.some((name) => name.includes("amaro"));
if (stripped && directory !== undefined && !process.argv.includes(filled)) {
  // What a second thread needs beyond that; it does nothing here.
  await import("./core-thread.ts");
  flushCompileCache();
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1), filled]);
}
await main();
