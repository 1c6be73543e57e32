import type { Capabilities, Persona, Role, TeamRef } from "@/server/contracts/me.ts";

/** The person behind a request, with what the database says of them now. */
export interface SignedIn {
  readonly id: string;
  readonly name: string;
  readonly initials: string;
  readonly persona: Persona;
  readonly roles: readonly Role[];
  /** Teams the person is a member of. */
  readonly teams: readonly TeamRef[];
  readonly sessionEndsUnixMs: number;
}

const has = (person: SignedIn, ...roles: readonly Role[]): boolean => roles.some((role) => person.roles.includes(role));

/** What the person may do; pages use it to offer, the server to refuse. */
export function capabilitiesOf(person: SignedIn): Capabilities {
  const platform = has(person, "platform");
  const developer = platform || has(person, "developer");
  return {
    applyMeshWide: platform,
    applyEverywhere: platform,
    applyIn: developer ? [...new Set(person.teams.flatMap((team) => team.namespaces))].sort() : [],
    preview: developer,
    tryIt: developer,
    readAudit: has(person, "platform", "auditor"),
    editSettings: platform,
  };
}

/** Stands for the whole mesh in the list of namespaces that a change touches. */
export const rootNamespace = "istio-system";

/** Namespaces of `touched` in which the person may not apply; empty when all is allowed. */
export function namespacesRefused(person: SignedIn, touched: readonly string[]): string[] {
  const { applyEverywhere, applyIn } = capabilitiesOf(person);
  return applyEverywhere ? [] : touched.filter((namespace) => !applyIn.includes(namespace));
}
