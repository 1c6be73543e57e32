import { existsSync } from "node:fs";
import { env } from "./checkout.mjs";
import { run } from "./run.mjs";
import { progress } from "./terminal.mjs";

/**
 * A program of the distribution: the first of `paths` that exists, after installing its Debian package when this may.
 * Resolves to "" when it cannot be had.
 */
export async function findProgram(paths, name) {
  const found = paths.find((path) => path && existsSync(path));
  if (found || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    return found ?? "";
  }
  progress(`Installing ${name} from the distribution's packages …`);
  const apt = { ...env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { quiet: true, env: apt });
  await run("apt-get", ["install", "-y", "--no-install-recommends", name], { quiet: true, env: apt });
  return paths.find((path) => path && existsSync(path)) ?? "";
}
