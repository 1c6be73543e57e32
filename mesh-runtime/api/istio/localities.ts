/** Localities as `region/zone/subzone`, each part after the first optional, `*` for all at the end. */

/** What is wrong with a list of localities, of which none may cover another. */
export function localitiesProblem(localities: readonly string[]): string | undefined {
  const seen: string[][] = [];
  for (const locality of localities) {
    const stars = locality.split("*").length - 1;
    if (stars > 1 || (stars === 1 && !locality.endsWith("*"))) {
      return `locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`;
    }
    const parts = splitLocality(locality);
    if (parts.includes("")) {
      return `locality ${locality} must not contain empty region/zone/subzone info`;
    }
    const covered = parts.filter((part, i) => part !== "*" || i === 0);
    if (seen.some((other) => overlaps(other, covered))) {
      return `locality ${locality} overlap with previous specified ones`;
    }
    seen.push(covered);
  }
  return undefined;
}

function splitLocality(locality: string): string[] {
  const [region = "", zone, ...rest] = locality.split("/");
  return [region, ...(zone === undefined ? [] : [zone]), ...(rest.length === 0 ? [] : [rest.join("/")])];
}

/** The shorter one is a part of the longer, or is the star that covers all. */
function overlaps(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  return a[0] === "*" || a.slice(0, length).every((part, i) => part === b[i]);
}
