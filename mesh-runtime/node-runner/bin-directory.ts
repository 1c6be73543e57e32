import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes the directory that comes first on the PATH of every pod: `node` (the one that runs Towpath) and
 * `towpath-request`, with which the portal and people send requests from inside a pod.
 */
export function makeBinDirectory(directory: string, { node, root }: { node: string; root: string }): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  rmSync(join(directory, "node"), { force: true });
  symlinkSync(node, join(directory, "node"));
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const launcher = join(directory, "towpath-request");
  writeFileSync(launcher, `#!/bin/sh\nexec ${quoted(node)} ${quoted(join(root, "demo/request.ts"))} "$@"\n`);
  chmodSync(launcher, 0o755);
}
