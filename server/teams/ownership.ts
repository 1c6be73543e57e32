import type { TeamRef } from "@/server/contracts/me.ts";
import type { Database } from "@/server/db/client.ts";

const refreshMs = 5_000;

/** Who owns which namespace; read from the database every few seconds, so that graph frames need not wait for it. */
export class Ownership {
  readonly #db: Database;
  #teams: readonly TeamRef[] = [];
  #owners = new Map<string, string>();
  #readAt = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Reads anew when what is known is older than a few seconds. */
  async refresh(now: number = Date.now()): Promise<void> {
    if (now - this.#readAt < refreshMs) {
      return;
    }
    this.#readAt = now;
    const rows = await this.#db.team.findMany({ include: { namespaces: true }, orderBy: { name: "asc" } });
    this.#teams = rows.map(({ name, title, namespaces }) => ({
      name,
      title,
      namespaces: namespaces.map(({ namespace }) => namespace).sort(),
    }));
    this.#owners = new Map(this.#teams.flatMap((team) => team.namespaces.map((namespace) => [namespace, team.name])));
  }

  get teams(): readonly TeamRef[] {
    return this.#teams;
  }

  /** Name of the owning team; empty when nobody owns it. */
  readonly ownerOf = (namespace: string): string => this.#owners.get(namespace) ?? "";
}
