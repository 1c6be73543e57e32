import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { Database } from "@/server/db/client.ts";

/** The portal itself, where it acts without being asked. No sign-in leads to it. */
export const systemActor: SignedIn = {
  id: "towpath",
  name: "Towpath",
  initials: "TP",
  persona: "none",
  roles: ["platform"],
  teams: [],
  sessionEndsUnixMs: 0,
};

/** Changes have an author in the table of people. */
export async function ensureSystemActor(db: Database): Promise<void> {
  const { id, name, initials, persona } = systemActor;
  await db.user.upsert({ where: { id }, create: { id, name, initials, persona }, update: {} });
}
