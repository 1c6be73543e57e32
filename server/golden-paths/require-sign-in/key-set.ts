/** A key set that somebody pasted: only public keys, and at least one (RFC 7517). Pure. */

import { readKeySet } from "@/mesh-runtime/api/istio/key-set.ts";
import { isJsonObject } from "../json-object.ts";

type PastedKeys =
  | { readonly ok: true }
  /** `repaired`: the text as it should be, where that is plain. */
  | { readonly ok: false; readonly problem: string; readonly repaired?: string };

export function checkKeySet(text: string): PastedKeys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: "The key set is no JSON. Paste what the issuer publishes, with its braces." };
  }
  if (isJsonObject(value) && value["keys"] === undefined && typeof value["kty"] === "string") {
    const repaired = JSON.stringify({ keys: [value] });
    return { ok: false, problem: "This is a single key. A key set is a list of keys.", repaired };
  }
  const keys = isJsonObject(value) ? value["keys"] : undefined;
  if (!Array.isArray(keys) || keys.length === 0) {
    return { ok: false, problem: "The key set has no keys: a list named keys is missing." };
  }
  const { problem, privateKeys } = readKeySet(text);
  if (problem !== undefined) {
    return { ok: false, problem: `A key cannot be read: ${problem.replace(/^.*: (?=[^:]+: )/, "")}.` };
  }
  if (privateKeys.length > 0) {
    const message =
      "The key set holds a private or shared key. Whoever reads it can make tokens: paste public keys only.";
    return { ok: false, problem: message };
  }
  return keys.some((key: unknown) => isJsonObject(key) && (key["use"] ?? "sig") === "sig")
    ? { ok: true }
    : { ok: false, problem: "No key of the set is for signatures." };
}
