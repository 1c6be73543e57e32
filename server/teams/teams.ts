import { persona, role, type Teams } from "@/server/contracts/me.ts";
import { applicationNamespaces } from "@/server/golden-paths/scope.ts";
import type { Portal } from "@/server/portal.ts";

/** Who owns what, and who is who. */
export async function teamList({ db, inventory }: Portal): Promise<Teams> {
  const rows = await db.team.findMany({
    include: { namespaces: true, members: { include: { user: { include: { roles: true } } } } },
    orderBy: { name: "asc" },
  });
  const owned = new Set(rows.flatMap(({ namespaces }) => namespaces.map(({ namespace }) => namespace)));
  const { services } = inventory.current;
  return {
    teams: rows.map(({ name, title, namespaces, members }) => {
      const names = namespaces.map(({ namespace }) => namespace).sort();
      return {
        name,
        title,
        namespaces: names,
        members: members.map(({ user }) => ({
          id: user.id,
          name: user.name,
          initials: user.initials,
          persona: persona.catch("none").parse(user.persona),
          role: role.catch("developer").parse(user.roles[0]?.role),
        })),
        services: services.filter(({ namespace, kind }) => kind === "service" && names.includes(namespace)).length,
      };
    }),
    unowned: applicationNamespaces(inventory.current).filter((namespace) => !owned.has(namespace)),
  };
}
