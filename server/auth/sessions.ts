import { persona, type Role, role } from "@/server/contracts/me.ts";
import type { Database, Transaction } from "@/server/db/client.ts";
import type { SignedIn } from "./signed-in.ts";
import { freshToken, hashToken } from "./tokens.ts";

/** A working day; then the person signs in again. */
const sessionTtlMs = 24 * 60 * 60 * 1_000;

/**
 * Opens a session. The seam for every way of signing in: a one-time link today, an identity provider's callback when
 * one is configured. Answers the cookie's token, of which only the hash is kept.
 */
export async function openSession(
  db: Transaction,
  userId: string,
  now: Date,
): Promise<{ token: string; expiresAt: Date }> {
  const token = freshToken();
  const expiresAt = new Date(now.getTime() + sessionTtlMs);
  await db.session.create({ data: { tokenHash: hashToken(token), userId, expiresAt } });
  return { token, expiresAt };
}

/** The person of a session; `undefined` when the token is unknown or the session ended. */
export async function findSession(db: Database, token: string, now: Date): Promise<SignedIn | undefined> {
  const session = await db.session.findUnique({
    where: { tokenHash: hashToken(token) },
    include: { user: { include: personParts } },
  });
  if (session === null || session.expiresAt <= now) {
    return undefined;
  }
  return toSignedIn(session.user, session.expiresAt);
}

export async function closeSession(db: Database, token: string): Promise<void> {
  await db.session.deleteMany({ where: { tokenHash: hashToken(token) } });
}

/** Forgets sessions and links whose time is over. */
export async function forgetExpired(db: Database, now: Date): Promise<void> {
  await db.session.deleteMany({ where: { expiresAt: { lt: now } } });
  await db.signInLink.deleteMany({ where: { expiresAt: { lt: new Date(now.getTime() - sessionTtlMs) } } });
}

/** Everything `toSignedIn` needs of a user. */
export const personParts = {
  roles: true,
  memberships: { include: { team: { include: { namespaces: true } } } },
} as const;

interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly initials: string;
  readonly persona: string;
  readonly roles: readonly { readonly role: string }[];
  readonly memberships: readonly {
    readonly team: { name: string; title: string; namespaces: readonly { namespace: string }[] };
  }[];
}

/** Database row to domain: global roles, and developer by membership in a team. */
export function toSignedIn(user: UserRow, expiresAt: Date): SignedIn {
  const roles = new Set<Role>(user.roles.map((row) => role.parse(row.role)));
  if (user.memberships.length > 0) {
    roles.add("developer");
  }
  return {
    id: user.id,
    name: user.name,
    initials: user.initials,
    persona: persona.catch("none").parse(user.persona),
    roles: roles.size === 0 ? ["viewer"] : [...roles].sort(),
    teams: user.memberships.map(({ team }) => ({
      name: team.name,
      title: team.title,
      namespaces: team.namespaces.map(({ namespace }) => namespace).sort(),
    })),
    sessionEndsUnixMs: expiresAt.getTime(),
  };
}
