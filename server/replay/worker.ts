/**
 * Entry of the thread. In a build everything is bundled; run from the sources, the thread must learn first what names
 * that begin with `@/` mean.
 */
import { registerHooks } from "node:module";

const root = import.meta.url.slice(0, import.meta.url.lastIndexOf("/server/") + 1);

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier.startsWith("@/") ? `${root}${specifier.slice(2)}` : specifier, context),
});

await import("./serve.ts");
