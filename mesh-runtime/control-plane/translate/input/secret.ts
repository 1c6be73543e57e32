import { fields, type Meta, readMeta, text } from "./lenient.ts";

/** What the mesh needs to know of a Secret: its TLS pair, and nothing else that it may hold. */
export interface SecretInput extends Pick<Meta, "namespace" | "name"> {
  /** PEM; empty when it is not there. */
  readonly chain: string;
  /** PEM. Never logged. */
  readonly privateKey: string;
  /** Why the pair cannot be used, in Istio's words; empty when it can, as far as a reader sees. */
  readonly problem: string;
}

/** Names of the certificate and its key: Istio's generic ones go before those of `kubernetes.io/tls`. */
const pairs = [
  ["cert", "key"],
  ["tls.crt", "tls.key"],
] as const;

const pemMax = 64 * 1_024;

/** Reads a Secret (istio/istio `kubecreds.ExtractCertInfo`). Whether the key fits is seen by `checkedSecret`. */
export function readSecret(object: unknown): SecretInput {
  const { namespace, name } = readMeta(object);
  const data = fields(fields(object)["data"]);
  const holds = ([certificate, key]: readonly [string, string]): boolean =>
    Object.hasOwn(data, certificate) && Object.hasOwn(data, key);
  const filled = pairs.find((pair) => pair.every((entry) => text(data[entry]) !== ""));
  if (filled === undefined) {
    const empty = pairs.find(holds);
    return {
      namespace,
      name,
      chain: "",
      privateKey: "",
      problem:
        empty === undefined
          ? `found secret, but didn't have expected keys (cert and key) or (tls.crt and tls.key); found: ${namesOf(data)}`
          : `found keys "${empty[0]}" and "${empty[1]}", but they were empty`,
    };
  }
  const [chain, privateKey] = [decode(data[filled[0]]), decode(data[filled[1]])];
  return { namespace, name, chain, privateKey, problem: pemProblem(chain, privateKey) };
}

/** What can be told without cryptography. */
function pemProblem(chain: string, privateKey: string): string {
  if (!chain.includes("-----BEGIN CERTIFICATE-----")) {
    return "the certificate is malformed: tls: failed to find any PEM data in certificate input";
  }
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(privateKey)
    ? ""
    : "the certificate is malformed: tls: failed to find any PEM data in key input";
}

/** The first three names, and how many more there are. */
function namesOf(data: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(data).sort();
  const shown = names.slice(0, 3).join(", ");
  return names.length <= 3 ? shown : `${shown}, and ${names.length - 3} more...`;
}

function decode(value: unknown): string {
  if (typeof value !== "string" || value.length > pemMax * 2) {
    return "";
  }
  try {
    return atob(value.replace(/\s+/g, ""));
  } catch {
    return "";
  }
}
