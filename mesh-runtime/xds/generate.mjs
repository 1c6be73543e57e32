/**
 * Regenerates each `gen/` from the `proto/` beside it: `npm run protos`. The result is committed, so that starting needs
 * no compiler.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));
const template = JSON.stringify({
  version: "v2",
  plugins: [
    {
      local: [`${bin}protoc-gen-es`],
      out: "gen",
      opt: ["target=js+dts", "import_extension=js"],
    },
  ],
});

for (const folder of ["./", "../l7/plan/authz/"]) {
  const cwd = fileURLToPath(new URL(folder, import.meta.url));
  rmSync(`${cwd}gen`, { recursive: true, force: true });
  const { status } = spawnSync(`${bin}buf`, ["generate", "proto", "--template", template], { cwd, stdio: "inherit" });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}
