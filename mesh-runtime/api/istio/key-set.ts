/** The form of a JSON Web Key Set (RFC 7517): what a proxy could read keys from. Keys themselves are not tried. */
import { isObject, type JsonObject } from "../schema/json.ts";

/** Members that each type of key must have (RFC 7518 section 6, RFC 8037 section 2). */
const members: Readonly<Record<string, readonly string[]>> = {
  RSA: ["n", "e"],
  EC: ["crv", "x", "y"],
  OKP: ["crv", "x"],
  oct: ["k"],
};

export interface KeySetForm {
  /** What is wrong; undefined: it can be read. */
  readonly problem?: string;
  /** Indexes of keys that hold what must stay private. */
  readonly privateKeys: readonly number[];
}

/** Reads a key set, or a single key. */
export function readKeySet(text: string): KeySetForm {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `failed to unmarshal JWK set: ${syntaxProblem(text)}`, privateKeys: [] };
  }
  if (!isObject(value)) {
    return { problem: "failed to unmarshal JWK set: not a JSON object", privateKeys: [] };
  }
  const keys = value["keys"] ?? [value];
  if (!Array.isArray(keys)) {
    return { problem: 'failed to unmarshal JWK set: "keys" is not a list', privateKeys: [] };
  }
  for (const [i, key] of keys.entries()) {
    const problem = isObject(key) ? keyProblem(key) : "not a JSON object";
    if (problem !== undefined) {
      return { problem: `failed to unmarshal JWK set: failed to unmarshal key #${i}: ${problem}`, privateKeys: [] };
    }
  }
  const secret = (key: JsonObject) => key["kty"] === "oct" || typeof key["d"] === "string";
  return { privateKeys: keys.flatMap((key: JsonObject, i) => (secret(key) ? [i] : [])) };
}

function keyProblem(key: JsonObject): string | undefined {
  const type = key["kty"];
  if (typeof type !== "string" || !Object.hasOwn(members, type)) {
    return `invalid key type from JSON (${typeof type === "string" ? type : ""})`;
  }
  const missing = (members[type] ?? []).find((name) => typeof key[name] !== "string" || key[name] === "");
  return missing === undefined ? undefined : `required field ${missing} is missing`;
}

/** Go's words for the two most common mistakes. */
function syntaxProblem(text: string): string {
  const start = text.trimStart()[0];
  if (start !== undefined && !/[{["\d\-tfn]/.test(start)) {
    return `invalid character '${start}' looking for beginning of value`;
  }
  return "unexpected end of JSON input";
}
