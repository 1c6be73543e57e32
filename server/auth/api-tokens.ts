import type { AuditEntry } from "@/server/audit/audit-log.ts";
import {
  type ApiToken,
  type MadeToken,
  type TokenRequest,
  type TokenScope,
  tokenScope,
} from "@/server/contracts/api-tokens.ts";
import type { Database, Transaction } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { personParts, toSignedIn } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { freshToken, hashToken } from "./tokens.ts";

/** What a token begins with, so that scanners of repositories find one that was committed. */
const tokenStart = "twp_";
const shownCharacters = 8;
const tokensMax = 50;
const dayMs = 86_400_000;
/** When a token was used is known to the minute. */
const usedEveryMs = 60_000;

const looksLikeToken = /^twp_[A-Za-z0-9_-]{43}$/;

/** Who a program acts as, and what it may do of that. */
export interface TokenBearer {
  readonly person: SignedIn;
  readonly scopes: readonly TokenScope[];
}

/** The person behind a token with the roles of today; undefined when it is unknown, ended, or its time is over. */
export async function findBearer(db: Database, secret: string, now: Date): Promise<TokenBearer | undefined> {
  if (!looksLikeToken.test(secret)) {
    return undefined;
  }
  const row = await db.apiToken.findUnique({
    where: { tokenHash: hashToken(secret) },
    include: { user: { include: personParts } },
  });
  if (row === null || row.revokedAt !== null || row.expiresAt <= now) {
    return undefined;
  }
  if (row.lastUsedAt === null || now.getTime() - row.lastUsedAt.getTime() >= usedEveryMs) {
    await db.apiToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: now } });
  }
  const person = toSignedIn(row.user, row.expiresAt);
  // The audit says which program acted in whose name.
  return { person: { ...person, name: `${person.name} (token ${row.name})` }, scopes: scopesOf(row.scopes) };
}

/** Scopes of an older version that there are no more allow nothing. */
const scopesOf = (scopes: readonly string[]): TokenScope[] =>
  tokenScope.options.filter((known) => scopes.includes(known));

type Audit = (entry: AuditEntry, within: Transaction) => Promise<void>;

/** Those that have not been ended, newest first. */
export async function listTokens(db: Database, { id: userId }: SignedIn, now: Date): Promise<ApiToken[]> {
  const rows = await db.apiToken.findMany({
    where: { userId, revokedAt: null },
    orderBy: { createdAt: "desc" },
    take: tokensMax,
  });
  return rows.map((row) => toApiToken(row, now));
}

/** Answers the secret, of which only the hash is kept. */
export function makeToken(
  db: Database,
  person: SignedIn,
  { name, scopes, days }: TokenRequest,
  now: Date,
  audit: Audit,
  address: string,
): Promise<MadeToken> {
  const secret = `${tokenStart}${freshToken()}`;
  return db.$transaction(async (within) => {
    if ((await within.apiToken.count({ where: { userId: person.id, revokedAt: null } })) >= tokensMax) {
      throw new PortalError("too-many-requests", `You have ${tokensMax} tokens. End those that nobody uses first.`);
    }
    const row = await within.apiToken.create({
      data: {
        tokenHash: hashToken(secret),
        prefix: secret.slice(0, tokenStart.length + shownCharacters),
        name,
        scopes: [...new Set(scopes)],
        userId: person.id,
        createdAt: now,
        expiresAt: new Date(now.getTime() + days * dayMs),
      },
    });
    const detail = `${row.scopes.join(", ")}, for ${days} days`;
    const object = `token ${name} (${row.prefix}…)`;
    await audit({ actor: person, action: "token-made", object, outcome: "done", detail, address }, within);
    return { token: toApiToken(row, now), secret };
  });
}

/** Ends one of the person's own; throws PortalError `not-found`. */
export async function endToken(
  db: Database,
  person: SignedIn,
  id: string,
  now: Date,
  audit: Audit,
  address: string,
): Promise<void> {
  await db.$transaction(async (within) => {
    const row = /^[0-9a-f-]{36}$/.test(id)
      ? await within.apiToken.findFirst({ where: { id, userId: person.id, revokedAt: null } })
      : null;
    if (row === null) {
      throw new PortalError("not-found", "You have no such token. The list has all that have not been ended.");
    }
    await within.apiToken.update({ where: { id }, data: { revokedAt: now } });
    const object = `token ${row.name} (${row.prefix}…)`;
    await audit({ actor: person, action: "token-ended", object, outcome: "done", detail: "", address }, within);
  });
}

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
}

const toApiToken = (row: TokenRow, now: Date): ApiToken => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  scopes: scopesOf(row.scopes),
  createdUnixMs: row.createdAt.getTime(),
  expiresUnixMs: row.expiresAt.getTime(),
  lastUsedUnixMs: row.lastUsedAt?.getTime() ?? null,
  expired: row.expiresAt <= now,
});
