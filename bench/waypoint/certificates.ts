import { generateKeyPairSync } from "node:crypto";
import {
  createCertificateAuthority,
  createRoot,
  type Root,
} from "../../mesh-runtime/identity/certificate-authority.ts";
import type { Certificate } from "../../mesh-runtime/identity/certificate-request.ts";
import { parseWorkloadIdentity } from "../../mesh-runtime/identity/spiffe-id.ts";

const hourMs = 3_600_000;

/** What the processes of the benchmark show each other. */
export interface BenchCertificates {
  readonly client: Certificate;
  readonly waypoint: Certificate;
  readonly backend: Certificate;
}

/** Issues them from a root made for this run. */
export function issueBenchCertificates(): { readonly root: Root; readonly certificates: BenchCertificates } {
  const root = createRoot("cluster.local");
  const authority = createCertificateAuthority(root);
  const of = (name: string): Certificate => {
    const spiffeId = `spiffe://cluster.local/ns/bench/sa/${name}`;
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const { chain, roots, serial, notAfterUnixMs } = authority.issueWorkload(publicKey, spiffeId, hourMs);
    return {
      identity: parseWorkloadIdentity(spiffeId),
      chain: chain.join(""),
      key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      roots,
      info: { spiffeId, serial, notBeforeUnixMs: Date.now(), notAfterUnixMs },
    };
  };
  return { root, certificates: { client: of("client"), waypoint: of("waypoint"), backend: of("backend") } };
}
