/** Entry of a further thread of the proxy; the cache is per thread (see `start.mjs`). */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/towpath", import.meta.url)));
await import("./core-thread.ts");
