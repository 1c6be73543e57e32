import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { ChangesQuery } from "@/server/contracts/changes.ts";
import { isPlatform } from "@/server/guardrails/rules.ts";
import { mayDecideFor } from "./approvers.ts";

/** The condition of a list of changes. */
export function listWhere(query: ChangesQuery, person: SignedIn) {
  const { namespace, service, slug, state, before, forMe } = query;
  return {
    ...(namespace === undefined ? {} : { namespaces: { has: namespace } }),
    ...(service === undefined ? {} : { services: { has: service } }),
    ...(slug === undefined ? {} : { slug }),
    ...(state === undefined ? {} : { state }),
    ...(before === undefined ? {} : { number: { lt: before } }),
    ...(forMe === true ? { AND: waitsFor(person) } : {}),
  };
}

/** Nobody's own change waits for them. */
function waitsFor(person: SignedIn) {
  const teams = person.teams.map(({ name }) => name).filter((team) => mayDecideFor(person, team));
  return {
    state: "waiting",
    authorId: { not: person.id },
    approvals: { some: { state: "waiting", ...(isPlatform(person) ? {} : { team: { in: teams } }) } },
  };
}
