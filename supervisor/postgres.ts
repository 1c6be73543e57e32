/**
 * The embedded PostgreSQL: initialised once, reachable by a Unix socket only, and kept running until it is closed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, chown, lstat, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { Running } from "../mesh-runtime/common/lifetime.ts";
import type { Log } from "../mesh-runtime/common/log.ts";
import { PostgresError } from "./postgres-error.ts";
import { locatePostgres, type PostgresLocation, type RunAs } from "./postgres-location.ts";
import { endOrphan } from "./postgres-orphan.ts";

const user = "towpath";
const database = "towpath";
const startTimeoutMs = 30_000;
const restartDelayMs = { min: 200, max: 5_000 };
/** `sun_path` holds 104 bytes on darwin, 108 on linux, with the socket's own name in it. */
const socketDirMax = 80;
const guard = fileURLToPath(new URL("./postgres-guard.ts", import.meta.url));

export interface PostgresOptions {
  /** Kept across starts. */
  readonly dataDir: string;
  /** For the socket; another place is taken when its path is too long or closed to the server's user. */
  readonly runDir: string;
  readonly log: Log;
}

export interface RunningPostgres extends Running {
  /** Connection URL with password: pass it on by environment only, never in argv or a log. */
  readonly url: string;
}

/**
 * Starts the server and comes back when it answers. A server that dies is started again until `close`, which shuts it
 * down the fast way. Throws `PostgresError`.
 */
export async function startPostgres({ dataDir, runDir, log }: PostgresOptions): Promise<RunningPostgres> {
  const location = await locatePostgres(dataDir);
  const password = await loadPassword(location.passwordFile);
  if ((await stat(join(location.cluster, "PG_VERSION")).catch(() => undefined)) === undefined) {
    await initialize(location, password);
  }
  const socketDir = await makeSocketDir(dataDir, runDir, location.runAs);
  const url = (name: string): string =>
    `postgresql://${user}:${encodeURIComponent(password)}@localhost/${name}?host=${encodeURIComponent(socketDir)}`;

  let closing = false;
  let delayMs = restartDelayMs.min;
  const launch = async (): Promise<ChildProcess> => {
    if (await endOrphan(location.cluster)) {
      log.warn("ended a server that an earlier start left behind");
    }
    const child = spawnServer(location, socketDir, log);
    child.once("exit", (code) => {
      if (!closing) {
        log.error("PostgreSQL ended, starting it again", { code: code ?? -1, delayMs });
        void sleep(delayMs).then(relaunch);
        delayMs = Math.min(delayMs * 2, restartDelayMs.max);
      }
    });
    await answers(child, url("postgres"));
    delayMs = restartDelayMs.min;
    return child;
  };
  const relaunch = async (): Promise<void> => {
    if (!closing) {
      server = await launch().catch((error: unknown) => {
        log.error("PostgreSQL does not start", { error: String(error) });
        return server;
      });
    }
  };
  let server: ChildProcess = await launch().catch(async (error: unknown) => {
    closing = true;
    throw error;
  });
  await createDatabase(url("postgres"));
  return {
    url: url(database),
    async close() {
      closing = true;
      if (server.exitCode === null && server.signalCode === null) {
        const exited = once(server, "exit");
        server.stdin?.end();
        await exited;
      }
      await rm(socketDir, { recursive: true, force: true });
    },
  };
}

function spawnServer(location: PostgresLocation, socketDir: string, log: Log): ChildProcess {
  const settings: Record<string, string> = {
    listen_addresses: "",
    unix_socket_directories: socketDir,
    unix_socket_permissions: "0700",
    // Small: a portal's worth of rows on a laptop.
    shared_buffers: "32MB",
    max_connections: "50",
    jit: "off",
    max_wal_size: "128MB",
    log_min_messages: "warning",
    logging_collector: "off",
  };
  const { runAs } = location;
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(
    process.execPath,
    [guard, String(runAs?.uid ?? "-"), String(runAs?.gid ?? "-"), location.postgres, "-D", location.cluster, ...args],
    { stdio: ["pipe", "ignore", "pipe"], cwd: "/" },
  );
  child.stdin.on("error", () => undefined);
  createInterface({ input: child.stderr }).on("line", (line) => logLine(log, line));
  return child;
}

/** Its own lines: `<time> [<pid>] <severity>:  <text>`; a refused early connection is our own knocking. */
function logLine(log: Log, line: string): void {
  if (/\b(ERROR|PANIC|WARNING):/.test(line) || (/\bFATAL:/.test(line) && !line.includes("starting up"))) {
    log.warn(line);
  } else {
    log.debug(line);
  }
}

async function answers(child: ChildProcess, url: string): Promise<void> {
  for (const end = Date.now() + startTimeoutMs; Date.now() < end; ) {
    if (child.exitCode !== null) {
      throw new PostgresError("start-failed", `PostgreSQL ended at once with code ${child.exitCode}`);
    }
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await sleep(15);
    }
  }
  child.stdin?.end();
  throw new PostgresError("start-failed", `PostgreSQL did not answer within ${startTimeoutMs / 1000} s`);
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]);
    if (rowCount === 0) {
      await client.query(`CREATE DATABASE ${database}`);
    }
  } finally {
    await client.end();
  }
}

async function loadPassword(file: string): Promise<string> {
  const known = (await readFile(file, "utf8").catch(() => "")).trim();
  if (known !== "") {
    return known;
  }
  const fresh = randomBytes(24).toString("base64url");
  await writeFile(file, `${fresh}\n`, { mode: 0o600 });
  return fresh;
}

/** Into a directory beside, renamed when done: a start that was cut off leaves nothing half made. */
async function initialize({ initdb, cluster, runAs }: PostgresLocation, password: string): Promise<void> {
  const partial = `${cluster}.new`;
  const secret = join(dirname(cluster), "initdb");
  await rm(partial, { recursive: true, force: true });
  await rm(secret, { recursive: true, force: true });
  for (const directory of [partial, secret]) {
    await mkdir(directory, { mode: 0o700 });
  }
  const passwordFile = join(secret, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (runAs !== undefined) {
    for (const path of [partial, secret, passwordFile]) {
      await chown(path, runAs.uid, runAs.gid);
    }
  }
  const args = ["-D", partial, "-U", user, "-A", "scram-sha-256", "--pwfile", passwordFile];
  const child = spawn(initdb, [...args, "--encoding", "UTF8", "--locale", "C", "--no-instructions"], {
    ...runAs,
    stdio: ["ignore", "ignore", "pipe"],
    cwd: "/",
  });
  let problems = "";
  child.stderr.on("data", (chunk: Buffer) => {
    problems = (problems + chunk.toString("utf8")).slice(-2_000);
  });
  const [code] = (await once(child, "close").catch((error: unknown) => [String(error)])) as [number | string];
  await rm(secret, { recursive: true, force: true });
  if (code !== 0) {
    throw new PostgresError("initialization-failed", `initdb failed (${code}): ${problems.trim()}`);
  }
  await rename(partial, cluster);
}

/** The directory of a start that was killed is taken again, so that clients of then find the server where it was. */
async function makeSocketDir(dataDir: string, runDir: string, runAs: RunAs | undefined): Promise<string> {
  const remembered = join(dataDir, "socket-directory");
  const last = (await readFile(remembered, "utf8").catch(() => "")).trim();
  if (last !== "") {
    const found = await lstat(last).catch(() => undefined);
    const owner = runAs?.uid ?? process.getuid?.();
    if (found?.isDirectory() && found.uid === owner && (found.mode & 0o077) === 0) {
      return last;
    }
  }
  await mkdir(runDir, { recursive: true, mode: 0o700 });
  const fits = runAs === undefined && Buffer.byteLength(runDir) <= socketDirMax;
  const directory = await mkdtemp(join(fits ? runDir : tmpdir(), "pg-"));
  await chmod(directory, 0o700);
  if (runAs !== undefined) {
    await chown(directory, runAs.uid, runAs.gid);
  }
  await writeFile(remembered, `${directory}\n`, { mode: 0o600 });
  return directory;
}
