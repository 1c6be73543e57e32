/** Regenerates `gen/` from `proto/`: `npm run protos`. The result is committed, so that starting needs no compiler. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
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

rmSync(`${here}gen`, { recursive: true, force: true });
const { status } = spawnSync(`${bin}buf`, ["generate", "proto", "--template", template], {
  cwd: here,
  stdio: "inherit",
});
process.exit(status ?? 1);
