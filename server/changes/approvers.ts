/** Who must agree to a change, and who may say so. Pure but for reading the teams. */
import { capabilitiesOf, namespacesRefused, rootNamespace, type SignedIn } from "@/server/auth/signed-in.ts";
import type { PathRule } from "@/server/contracts/guardrails.ts";
import type { Database, Transaction } from "@/server/db/client.ts";
import { isPlatform } from "@/server/guardrails/rules.ts";

/** Stands for the platform engineers: of the whole mesh, of what nobody owns, and where a guardrail asks for them. */
export const platformTeam = "platform";
const platformTitle = "the platform engineers";

export interface Approver {
  readonly team: string;
  readonly title: string;
  /** What is theirs of the change; empty where only a guardrail asks. */
  readonly namespaces: readonly string[];
}

/** Owner of each namespace that has one. */
export type Owners = ReadonlyMap<string, { readonly name: string; readonly title: string }>;

export async function readOwners(db: Database | Transaction): Promise<Owners> {
  const rows = await db.teamNamespace.findMany({ include: { team: true } });
  return new Map(rows.map(({ namespace, team }) => [namespace, { name: team.name, title: team.title }]));
}

/** Teams that must agree before `author` changes these namespaces; empty when nobody must. */
export function approversOf(
  author: SignedIn,
  touched: readonly string[],
  rule: Pick<PathRule, "approval">,
  owners: Owners,
): Approver[] {
  // Who may apply everywhere is who would be asked.
  if (isPlatform(author)) {
    return [];
  }
  const byTeam = new Map<string, { team: string; title: string; namespaces: string[] }>();
  const ask = (team: string, title: string, namespace: string | undefined): void => {
    const known = byTeam.get(team) ?? { team, title, namespaces: [] };
    byTeam.set(team, known);
    if (namespace !== undefined) {
      known.namespaces.push(namespace);
    }
  };
  for (const namespace of namespacesRefused(author, touched)) {
    const owner = namespace === rootNamespace ? undefined : owners.get(namespace);
    if (owner === undefined || owner.name === platformTeam) {
      ask(platformTeam, platformTitle, namespace);
    } else {
      ask(owner.name, owner.title, namespace);
    }
  }
  // The root namespace stands for the whole mesh, whoever its owner is.
  if (touched.includes(rootNamespace) || rule.approval) {
    if (!byTeam.has(platformTeam)) {
      ask(platformTeam, platformTitle, touched.includes(rootNamespace) ? rootNamespace : undefined);
    }
  }
  return [...byTeam.values()].sort((one, other) => (one.team < other.team ? -1 : 1));
}

/**
 * Whether the person speaks for the team. Whose change it is must be asked besides: nobody decides about their own,
 * whatever other role they have.
 */
export const mayDecideFor = (person: SignedIn, team: string): boolean =>
  isPlatform(person) ||
  (team !== platformTeam && capabilitiesOf(person).preview && person.teams.some(({ name }) => name === team));
