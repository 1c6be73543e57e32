/** Callers as sources of a rule. Pure. */
import type { IdentityChoice } from "@/server/contracts/golden-paths/parts.ts";

/** Istio takes at most so many service accounts in one source. */
const serviceAccountsMax = 16;

type Named = Pick<IdentityChoice, "namespace" | "serviceAccount">;

export const accountOf = ({ namespace, serviceAccount }: Named): string => `${namespace}/${serviceAccount}`;

const unique = (callers: readonly Named[]): string[] => [...new Set(callers.map(accountOf))].sort();

/** Any of these callers: entries of `from`. */
export function fromAny(callers: readonly Named[]): object[] {
  const accounts = unique(callers);
  return Array.from({ length: Math.ceil(accounts.length / serviceAccountsMax) }, (_, index) => ({
    source: { serviceAccounts: accounts.slice(index * serviceAccountsMax, (index + 1) * serviceAccountsMax) },
  }));
}

/**
 * Everybody but these, those without an identity too. Several entries of `from` would mean “any of them”, so a list that
 * is too long for service accounts is one of principals, in any trust domain as service accounts are.
 */
export function fromAllBut(callers: readonly Named[]): object[] {
  const accounts = unique(callers);
  return [
    {
      source:
        accounts.length <= serviceAccountsMax
          ? { notServiceAccounts: accounts }
          : { notPrincipals: accounts.map((account) => `*/ns/${account.replace("/", "/sa/")}`) },
    },
  ];
}
