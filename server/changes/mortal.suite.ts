/** A portal process that dies at a chosen moment: from then on none of its calls is made or answered. */
import type { Cluster } from "@/server/cluster/cluster.ts";
import type { Database } from "@/server/db/client.ts";
import { createPool, type Pool } from "@/server/db/pool.ts";
import type { TestDatabase } from "@/server/db/test-database.suite.ts";
import { Changes } from "./changes.ts";
import type { ChangeDeps } from "./deps.ts";

/** Whether it dies before this write, by what it wrote until then. */
export type Moment = (word: string, before: readonly string[]) => boolean;

type Call = (...given: never[]) => unknown;
const never = (): Promise<never> => new Promise(() => undefined);

/** Writes to the cluster; what is only asked changes nothing. */
const clusterWrites: ReadonlySet<string> = new Set(["apply", "remove", "removeLabel"]);
const databaseWrites: ReadonlySet<string> = new Set(["create", "update", "updateMany", "upsert", "deleteMany"]);
const isDryRun = (given: readonly unknown[]): boolean =>
  given.some((one) => typeof one === "object" && one !== null && (one as { dryRun?: boolean }).dryRun === true);

export class Mortal {
  readonly changes: Changes;
  /** What it works with. */
  readonly deps: ChangeDeps;
  readonly #database: TestDatabase;
  readonly #pool: Pool;
  readonly #name: string;
  readonly #died = Promise.withResolvers<"died">();
  readonly #dies: Moment;
  #dead = false;
  /** What was about to be done when it died. */
  lastWord = "";
  /** Writes that it made. */
  writes = 0;
  /** What it wrote, in order. */
  readonly words: string[] = [];

  /** Dies before its write number `lifetime`, counted from 0, or at that moment. */
  constructor(deps: ChangeDeps, database: TestDatabase, lifetime: number | Moment) {
    this.#dies = typeof lifetime === "function" ? lifetime : (_word, before) => before.length === lifetime;
    this.#database = database;
    this.#name = `mortal-${typeof lifetime === "function" ? "then" : lifetime}-${Date.now()}`;
    const url = new URL(database.url);
    url.searchParams.set("application_name", this.#name);
    this.#pool = createPool(url.href, { ...deps.log, warn() {} });
    const db = this.#wrapDatabase(deps.db);
    this.deps = { ...deps, db, pool: this.#pool, cluster: this.#wrapCluster(deps.cluster) };
    this.changes = new Changes(this.deps);
  }

  /** "died" when it does not come to an end. */
  async until<T>(work: Promise<T>): Promise<T | "died"> {
    return Promise.race([work, this.#died.promise]);
  }

  /** Its connections end, and with them its locks, as when the process is gone. */
  async bury(): Promise<void> {
    this.#dead = true;
    const { pool } = this.#database;
    await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [
      this.#name,
    ]);
    const alive = async (): Promise<number> => {
      const { rows } = await pool.query<{ count: string }>(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1",
        [this.#name],
      );
      return Number(rows[0]?.count ?? 0);
    };
    while ((await alive()) > 0) {
      await new Promise(setImmediate);
    }
  }

  async #write<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.#dead) {
      return never();
    }
    if (this.#dies(what, this.words)) {
      this.#dead = true;
      this.lastWord = what;
      this.#died.resolve("died");
      return never();
    }
    this.writes++;
    this.words.push(what);
    const result = await work();
    return this.#dead ? never() : result;
  }

  #wrapCluster(cluster: Cluster): Cluster {
    return new Proxy(cluster, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        return typeof name === "string" && clusterWrites.has(name)
          ? (...given: never[]) =>
              isDryRun(given)
                ? (value as Call).apply(target, given)
                : this.#write(`${name} ${JSON.stringify(given[0]).slice(0, 120)}`, async () =>
                    (value as Call).apply(target, given),
                  )
          : value;
      },
    });
  }

  /** A transaction is one write: the server does all of it or nothing. */
  #wrapDatabase(db: Database): Database {
    const model = (of: object, modelName: string): object =>
      new Proxy(of, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          return typeof name === "string" && databaseWrites.has(name)
            ? (...given: never[]) =>
                this.#write(`${modelName}.${name}`, async () => (value as Call).apply(target, given))
            : value;
        },
      });
    return new Proxy(db, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (name === "$transaction") {
          return (...given: never[]) => this.#write("transaction", async () => (value as Call).apply(target, given));
        }
        return typeof value === "object" && value !== null && typeof name === "string" && !name.startsWith("_")
          ? model(value, name)
          : value;
      },
    });
  }
}
