import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { createCertificateAuthority, createRoot, type Root, readRoot } from "../../identity/certificate-authority.ts";
import { readIfThere, writePrivate } from "./files.ts";

/** What the HTTPS listener needs, and what clients trust. */
export interface ServingCertificate {
  readonly key: string;
  readonly certificate: string;
  /** PEM of the little CA; kubeconfigs carry it, so it is kept over restarts. */
  readonly authority: string;
}

const dayMs = 86_400_000;
const lifetimeMs = 365 * dayMs;
const renewBeforeMs = 60 * dayMs;

const exportKey = (key: ReturnType<typeof createPrivateKey>): string =>
  key.export({ type: "pkcs8", format: "pem" }).toString();

/** The serving certificate of `<data>`, made at first start, renewed when it comes near its end. */
export function servingCertificate(data: string, host: string, nowMs: number): ServingCertificate {
  const root = readAuthority(data) ?? makeAuthority(data, nowMs);
  const paths = { key: join(data, "serving.key"), certificate: join(data, "serving.crt") };
  const key = readIfThere(paths.key);
  const certificate = readIfThere(paths.certificate);
  if (key !== undefined && certificate !== undefined && isUsable(key, certificate, root, host, nowMs)) {
    return { key, certificate, authority: root.certificatePem };
  }
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const names = {
    dns: [
      "localhost",
      "kubernetes",
      "kubernetes.default",
      "kubernetes.default.svc",
      "kubernetes.default.svc.cluster.local",
    ],
    ips: [...new Set(["127.0.0.1", ...(/^[\d.]+$/.test(host) ? [host] : [])])],
  };
  const issued = createCertificateAuthority(root, { now: () => nowMs }).issueServer(pair.publicKey, names, lifetimeMs);
  const fresh = { key: exportKey(pair.privateKey), certificate: issued.chain.join("") };
  writePrivate(paths.key, fresh.key);
  writePrivate(paths.certificate, fresh.certificate);
  return { ...fresh, authority: root.certificatePem };
}

function readAuthority(data: string): Root | undefined {
  const certificate = readIfThere(join(data, "ca.crt"));
  const key = readIfThere(join(data, "ca.key"));
  return certificate === undefined || key === undefined ? undefined : readRoot(certificate, key);
}

function makeAuthority(data: string, nowMs: number): Root {
  const root = createRoot("towpath api server", nowMs);
  writePrivate(join(data, "ca.key"), exportKey(root.privateKey));
  writePrivate(join(data, "ca.crt"), root.certificatePem);
  return root;
}

function isUsable(key: string, pem: string, root: Root, host: string, nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    return (
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      certificate.verify(new X509Certificate(root.certificatePem).publicKey) &&
      (certificate.checkIP(host) !== undefined || certificate.checkHost(host) !== undefined) &&
      Date.parse(certificate.validTo) - nowMs > renewBeforeMs
    );
  } catch {
    return false;
  }
}
