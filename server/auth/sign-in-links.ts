import type { Database, Transaction } from "@/server/db/client.ts";
import { PortalError } from "@/server/errors.ts";
import { openSession, personParts, toSignedIn } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { freshToken, hashToken } from "./tokens.ts";

/** Long enough for a cup of tea after `npm start`, and a restart prints new ones. */
const linkTtlMs = 24 * 60 * 60 * 1_000;

/** Makes a link for a person; links made for them before stop working. Answers the token. */
export async function createSignInLink(db: Database, userId: string, now: Date): Promise<string> {
  const token = freshToken();
  const expiresAt = new Date(now.getTime() + linkTtlMs);
  await db.$transaction([
    db.signInLink.updateMany({ where: { userId, usedAt: null }, data: { expiresAt: now } }),
    db.signInLink.create({ data: { tokenHash: hashToken(token), userId, expiresAt } }),
  ]);
  return token;
}

/** Whom a link would sign in, without using it up. Throws the three `sign-in-link-*` codes. */
export async function readSignInLink(
  db: Database | Transaction,
  token: string,
  now: Date,
): Promise<{ person: SignedIn; expiresAt: Date }> {
  const link = await db.signInLink.findUnique({
    where: { tokenHash: hashToken(token) },
    include: { user: { include: personParts } },
  });
  if (link === null) {
    throw new PortalError("sign-in-link-unknown", `This sign-in link is not known. ${nextStep}`);
  }
  if (link.usedAt !== null) {
    throw new PortalError("sign-in-link-used", `This sign-in link was used already. ${nextStep}`);
  }
  if (link.expiresAt <= now) {
    throw new PortalError("sign-in-link-expired", `This sign-in link is no longer valid. ${nextStep}`);
  }
  return { person: toSignedIn(link.user, link.expiresAt), expiresAt: link.expiresAt };
}

const nextStep = "Each start of Towpath prints new ones in the terminal: start it again and open the newest.";

/** Uses a link up and opens a session, both or neither, also when two come at once. */
export async function redeemSignInLink(
  db: Database,
  token: string,
  now: Date,
): Promise<{ person: SignedIn; token: string; expiresAt: Date }> {
  return db.$transaction(async (transaction) => {
    const { person } = await readSignInLink(transaction, token, now);
    const { count } = await transaction.signInLink.updateMany({
      where: { tokenHash: hashToken(token), usedAt: null },
      data: { usedAt: now },
    });
    if (count !== 1) {
      throw new PortalError("sign-in-link-used", `This sign-in link was used already. ${nextStep}`);
    }
    const session = await openSession(transaction, person.id, now);
    return { person: { ...person, sessionEndsUnixMs: session.expiresAt.getTime() }, ...session };
  });
}
