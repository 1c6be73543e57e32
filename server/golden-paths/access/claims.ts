/**
 * Names of claims, one within the other: `realm.roles` is `roles` in `realm`. A name that is an address is one name,
 * whatever dots it has.
 */
export const claimNames = (claim: string): string[] => {
  const names = claim.includes("/") ? [claim] : claim.split(".").filter((part) => part !== "");
  return names.length === 0 ? [claim] : names;
};
