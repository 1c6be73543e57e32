// Run after `npm install`: names in the lock file the optional binaries of other platforms. A registry that does not
// carry them makes npm leave them out, and then `npm ci` refuses the lock file everywhere.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./checkout.mjs";

const file = join(root, "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = ["darwin", "linux", "win32", "android", "freebsd", "netbsd", "openbsd", "openharmony", "sunos", "aix"];
const cpus = ["arm64", "x64", "ia32", "arm", "ppc64", "s390x", "riscv64", "loong64", "mips64el", "wasm32"];

/** Platform of a binary package by its name, e.g. `@swc/core-linux-arm-gnueabihf`. */
function platform(name) {
  const words = name.split(/[-/]/);
  const cpu = cpus.find((candidate) => words.includes(candidate)) ?? (words.includes("armv7") ? "arm" : undefined);
  const os = systems.find((candidate) => words.includes(candidate));
  const libc = words.some((word) => word.startsWith("musl")) ? ["musl"] : undefined;
  return { ...(cpu && { cpu: [cpu] }), ...(os && { os: [os] }), ...(os === "linux" && libc && { libc }) };
}

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = path === "" ? "" : `${path}/node_modules/${name}`;
    const top = `node_modules/${name}`;
    const present = [nested, top].some((candidate) => lock.packages[candidate] !== undefined);
    const exact = /^\d+\.\d+\.\d+[\w.-]*$/.test(version);
    if (!present && exact) {
      lock.packages[top] = { version, ...platform(name), ...(entry.dev && { dev: true }), optional: true };
      added++;
    }
  }
}
const [first, ...rest] = Object.entries(lock.packages);
lock.packages = Object.fromEntries([first, ...rest.sort(([a], [b]) => (a < b ? -1 : 1))]);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional binaries of other platforms added to package-lock.json`);
