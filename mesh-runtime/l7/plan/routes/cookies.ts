/** Values of a cookie in a Cookie field (RFC 6265 §4.2.1), quotes taken off; repeated fields are joined by `,` or `;`. */
export function cookieValues(field: string | undefined, name: string): string[] {
  const found: string[] = [];
  for (const pair of pairsOf(field)) {
    const equals = pair.indexOf("=");
    if (equals !== -1 && pair.slice(0, equals).trim() === name) {
      const value = pair.slice(equals + 1).trim();
      found.push(value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value);
    }
  }
  return found;
}

/** One Cookie field without a cookie; empty when nothing is left. */
export const withoutCookie = (field: string, name: string): string =>
  field
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "" && pair.split("=", 1)[0]?.trim() !== name)
    .join("; ");

/** A comma is not of a cookie's value, so what follows one came from another field. */
const pairsOf = (field: string | undefined): string[] =>
  field === undefined ? [] : field.split(/[;,]/).filter((pair) => pair.trim() !== "");
