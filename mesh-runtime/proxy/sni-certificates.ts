import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { L7Certificate, L7Listener } from "../xds/proxy-config.ts";

/**
 * TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only (Mozilla's "intermediate" without DHE and CBC).
 * The server chooses, so that hardware-supported AES comes first.
 */
export const gatewayTls = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  ciphers: [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
  ].join(":"),
  honorCipherOrder: true,
} as const;

/** A certificate made ready. */
export interface PreparedCertificate {
  readonly source: L7Certificate;
  readonly context: SecureContext;
  readonly certificate: X509Certificate;
}

/**
 * Makes certificates ready; those that did not change are taken from the former ones. Throws on what is no certificate
 * or has another key; the text names the secret and no key material.
 */
export function prepareCertificates(
  certificates: readonly L7Certificate[],
  former: ReadonlyMap<string, PreparedCertificate>,
): Map<string, PreparedCertificate> {
  const prepared = new Map<string, PreparedCertificate>();
  for (const source of certificates) {
    const known = former.get(source.key);
    prepared.set(
      source.key,
      known !== undefined && known.source.chain === source.chain && known.source.privateKey === source.privateKey
        ? known
        : prepare(source),
    );
  }
  return prepared;
}

function prepare(source: L7Certificate): PreparedCertificate {
  try {
    const { minVersion, maxVersion, ciphers } = gatewayTls;
    return {
      source,
      certificate: new X509Certificate(source.chain),
      context: createSecureContext({
        cert: source.chain,
        key: source.privateKey,
        minVersion,
        maxVersion,
        ciphers,
        honorCipherOrder: true,
      }),
    };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new Error(`certificate ${source.key}: chain or key cannot be used (${code})`);
  }
}

/** Which certificate a name gets at one port. */
export class SniTable {
  readonly #exact = new Map<string, readonly PreparedCertificate[]>();
  /** By suffix with its dot. */
  readonly #wildcards = new Map<string, readonly PreparedCertificate[]>();
  #any: readonly PreparedCertificate[] | undefined;

  constructor(listeners: readonly L7Listener[], certificates: ReadonlyMap<string, PreparedCertificate>) {
    for (const { name, hostname, certificates: keys } of listeners) {
      const prepared = keys.map((key) => {
        const found = certificates.get(key);
        if (found === undefined) {
          throw new Error(`listener ${name}: certificate ${key} is not there`);
        }
        return found;
      });
      const host = hostname.toLowerCase();
      if (host === "") {
        this.#any ??= prepared;
      } else if (host.startsWith("*.")) {
        setOnce(this.#wildcards, host.slice(1), prepared);
      } else {
        setOnce(this.#exact, host, prepared);
      }
    }
  }

  /** The context for a name (lower case, empty: none was given), of the most specific listener; of its certificates the first that covers the name. */
  contextFor(serverName: string): SecureContext | undefined {
    const candidates = this.#candidates(serverName);
    const fitting =
      serverName === ""
        ? undefined
        : candidates?.find(({ certificate }) => certificate.checkHost(serverName) !== undefined);
    return (fitting ?? candidates?.[0])?.context;
  }

  #candidates(serverName: string): readonly PreparedCertificate[] | undefined {
    const exact = this.#exact.get(serverName);
    if (exact !== undefined) {
      return exact;
    }
    // `*.example.com` covers every name below it (Gateway API, "Hostname"); the longest suffix is the most specific.
    for (let dot = serverName.indexOf("."); dot > 0; dot = serverName.indexOf(".", dot + 1)) {
      const found = this.#wildcards.get(serverName.slice(dot));
      if (found !== undefined) {
        return found;
      }
    }
    return this.#any;
  }
}

function setOnce<V>(map: Map<string, V>, key: string, value: V): void {
  if (!map.has(key)) {
    map.set(key, value);
  }
}
