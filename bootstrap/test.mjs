// `npm test`: brings the checkout up to date, then every check there is; stops at the first that fails.

import { bin, ensureBuilt, ensureInstalled, env, generateDatabaseClient, root } from "./checkout.mjs";
import { findChromium } from "./chromium.mjs";
import { findProgram } from "./distribution-package.mjs";
import { run } from "./run.mjs";
import { progress, since } from "./terminal.mjs";

const start = Date.now();
await ensureInstalled();

async function step(name, command, args, more = {}) {
  const begun = Date.now();
  progress(`\n── ${name}`);
  const { code } = await run(command, args, { cwd: root, env: { ...env, ...more } });
  if (code !== 0) {
    progress(`\n${name} failed after ${since(begun)}.`);
    process.exit(code);
  }
  progress(`${name}: passed in ${since(begun)}`);
}

await step("Format", bin("biome"), ["format", "."]);
await step("Lint", bin("biome"), ["lint", "--error-on-warnings", "."]);
await generateDatabaseClient();
await step("Route types", bin("next"), ["typegen"], { NEXT_TELEMETRY_DISABLED: "1" });
await step("Types of the portal", bin("tsc"), ["--noEmit", "-p", "tsconfig.json"]);
await step("Types of the mesh", bin("tsc"), ["--noEmit", "-p", "mesh-runtime/tsconfig.json"]);
await step("Import rules", bin("node"), ["bootstrap/boundaries/check.mjs"]);
await step("Unit tests", bin("vitest"), ["run", "--project", "unit"]);
await ensureBuilt();
// Another parser to send malformed requests to; without it those tests are shown as skipped.
const nginx = await findProgram([process.env.TOWPATH_NGINX, "/usr/sbin/nginx", "/usr/bin/nginx"], "nginx-light");
await step("Mesh scenarios", bin("vitest"), ["run", "--project", "scenarios"], { TOWPATH_NGINX: nginx });
const chromium = await findChromium();
await step("The story in a browser", bin("playwright"), ["test", "--config", "e2e/playwright.config.ts"], {
  TOWPATH_CHROMIUM: chromium,
});
progress(`\nAll checks passed in ${since(start)}.`);
