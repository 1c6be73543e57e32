import type { Persona } from "@/server/contracts/me.ts";
import type { Database } from "@/server/db/client.ts";

/** The three people of the tour. */
export const people = [
  { id: "pat", name: "Pat Kowalski", initials: "PK", persona: "platform", roles: ["platform"], team: "platform" },
  { id: "dana", name: "Dana Keller", initials: "DK", persona: "developer", roles: [], team: "web-api" },
  { id: "alex", name: "Alex Moreau", initials: "AM", persona: "auditor", roles: ["auditor"], team: "" },
] as const satisfies readonly {
  id: string;
  name: string;
  initials: string;
  persona: Persona;
  roles: readonly string[];
  team: string;
}[];

const teams = [
  { name: "platform", title: "Platform", namespaces: ["istio-ingress", "istio-system", "default"] },
  { name: "web-api", title: "web-api", namespaces: ["web-api"] },
  { name: "recommendation", title: "recommendation", namespaces: ["recommendation"] },
  { name: "purchase-history", title: "purchase-history", namespaces: ["purchase-history"] },
] as const;

/** Puts the people and teams of the tour into an empty database; what is there already is left alone. */
export async function seedPeople(db: Database): Promise<void> {
  if ((await db.team.count()) === 0) {
    for (const { name, title, namespaces } of teams) {
      await db.team.create({
        data: { name, title, namespaces: { create: namespaces.map((namespace) => ({ namespace })) } },
      });
    }
  }
  for (const { id, name, initials, persona, roles, team } of people) {
    if ((await db.user.findUnique({ where: { id } })) === null) {
      await db.user.create({
        data: {
          id,
          name,
          initials,
          persona,
          roles: { create: roles.map((role) => ({ role })) },
          memberships: { create: team === "" ? [] : [{ teamName: team }] },
        },
      });
    }
  }
}
