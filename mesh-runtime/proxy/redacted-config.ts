import type { ProxyConfig } from "../xds/proxy-config.ts";

const redacted = "<redacted>";
/** Fields whose values are likely secrets. */
const sensitiveName = /authorization|cookie|token|secret|password|api-?key|credential/i;
/** Private and symmetric members of a JSON Web Key (RFC 7518 §6). */
const privateKeyMembers: ReadonlySet<string> = new Set(["d", "p", "q", "dp", "dq", "qi", "oth", "k"]);

/**
 * The configuration for people to read: private keys, headers that are added for authorizers, values of fields with
 * telling names, and private members of key sets are left out.
 */
export function redactedConfig(config: ProxyConfig): unknown {
  return JSON.parse(JSON.stringify(config, redact)) as unknown;
}

function redact(this: unknown, key: string, value: unknown): unknown {
  if (key === "privateKey") {
    return redacted;
  }
  if (key === "jwks" && typeof value === "string") {
    return redactedKeys(value);
  }
  if (key === "includeAdditionalHeaders" && Array.isArray(value)) {
    return value.map((header: { readonly name?: unknown }) => ({ name: header.name, value: redacted }));
  }
  if (key === "value" || key === "values" || key === "notValues") {
    const holder = this as { readonly name?: unknown; readonly key?: unknown };
    const name = typeof holder.name === "string" ? holder.name : holder.key;
    // Which token was asked for by its claims is no secret, and the first thing somebody looks for here.
    if (typeof name === "string" && sensitiveName.test(name) && !name.startsWith("request.auth.")) {
      return redacted;
    }
  }
  return value;
}

function redactedKeys(text: string): unknown {
  if (text === "") {
    return text;
  }
  try {
    return JSON.parse(text, (key, value: unknown) => (privateKeyMembers.has(key) ? redacted : value)) as unknown;
  } catch {
    return redacted;
  }
}
