// Import rules: first that every rule still catches its violation, then that the code breaks none.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { targets, violations } from "./violations.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const config = join(root, ".dependency-cruiser.mjs");
const depcruise = join(root, "node_modules", ".bin", "depcruise");
const folders = ["app", "components", "server", "mesh-runtime", "supervisor", "demo", "scenarios", "cli"].filter(
  (folder) => existsSync(join(root, folder)),
);

const tree = mkdtempSync(join(tmpdir(), "towpath-boundaries-"));
try {
  const write = (file, text) => {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), `${text}\nexport {};\n`);
  };
  for (const [file, text = ""] of targets) {
    write(file, text);
  }
  for (const { file, imports } of violations) {
    write(file, `import "${imports}";`);
  }
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  writeFileSync(join(tree, "package.json"), '{"type":"module"}');
  writeFileSync(join(tree, "tsconfig.json"), '{"compilerOptions":{"allowImportingTsExtensions":true,"noEmit":true}}');
  const { stdout } = spawnSync(
    depcruise,
    ["--config", config, "--output-type", "json", "--preserve-symlinks", "mesh-runtime", "server", "components", "cli"],
    {
      cwd: tree,
      encoding: "utf8",
      maxBuffer: 1 << 28,
    },
  );
  const found = new Set(JSON.parse(stdout).summary.violations.map(({ rule, from }) => `${rule.name} ${from}`));
  const { default: rules } = await import(pathToFileURL(config).href);
  const missed = violations.filter(({ rule, file }) => !found.has(`${rule} ${file}`)).map(({ rule }) => rule);
  const untested = rules.forbidden
    .map(({ name }) => name)
    .filter((name) => !violations.some(({ rule }) => rule === name));
  // A cycle is reported at either end, a drawer at its importer.
  if (missed.length > 0 || untested.length > 0) {
    console.error(
      `rules that caught nothing: ${missed.join(", ") || "none"}; rules without a violation: ${untested.join(", ") || "none"}`,
    );
    process.exit(1);
  }
} finally {
  rmSync(tree, { recursive: true, force: true });
}

try {
  execFileSync(depcruise, ["--config", config, ...folders], { cwd: root, stdio: ["ignore", "inherit", "ignore"] });
} catch {
  process.exit(1);
}
