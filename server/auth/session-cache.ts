import type { Database } from "@/server/db/client.ts";
import { closeSession, findSession } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { hashToken } from "./tokens.ts";

/** A page asks several times a second; a changed role may take this long to be felt. */
const keptMs = 2_000;
const keptMax = 1_000;

/** Sessions of the last seconds, so that polling pages do not ask the database each time. */
export class SessionCache {
  readonly #db: Database;
  readonly #kept = new Map<string, { until: number; person: Promise<SignedIn | undefined> }>();

  constructor(db: Database) {
    this.#db = db;
  }

  find(token: string, now: Date = new Date()): Promise<SignedIn | undefined> {
    const key = hashToken(token);
    const known = this.#kept.get(key);
    if (known !== undefined && known.until > now.getTime()) {
      return known.person;
    }
    if (this.#kept.size >= keptMax) {
      this.#kept.clear();
    }
    const person = findSession(this.#db, token, now);
    this.#kept.set(key, { until: now.getTime() + keptMs, person });
    // Unknown tokens and failures are not kept: the next request may be right.
    person.then(
      (found) => found ?? this.#kept.delete(key),
      () => this.#kept.delete(key),
    );
    return person;
  }

  /** Signs out, at once. */
  async close(token: string): Promise<void> {
    await closeSession(this.#db, token);
    this.#kept.delete(hashToken(token));
  }
}
