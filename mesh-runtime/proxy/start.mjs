/**
 * Entry of the proxy: turns on Node's cache of stripped and compiled code, which has to happen before the first
 * TypeScript file is loaded. A start from a warm cache takes a third of the time and some 25 MB less memory, because the
 * TypeScript stripper is never loaded.
 */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/towpath", import.meta.url)));
await import("./main.ts");
