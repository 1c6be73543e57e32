/**
 * Text of a claim for a header (Envoy, `claim_to_headers`): texts, numbers and booleans; lists and objects as Base64 of
 * their JSON. A name is that of a claim, or a path to a nested one with dots. `undefined`: no such claim.
 */
export function claimText(claims: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : nested(claims, name);
  switch (typeof value) {
    case "string":
      return value === "" ? undefined : value;
    case "number":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? undefined : Buffer.from(JSON.stringify(value)).toString("base64");
    default:
      return undefined;
  }
}

function nested(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  let value: unknown = claims;
  for (const part of name.split(".")) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, part)) {
      return undefined;
    }
    value = Reflect.get(value, part);
  }
  return value;
}
