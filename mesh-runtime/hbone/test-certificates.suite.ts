import type { Certificate } from "../identity/certificate-request.ts";
import { formatSpiffeId, type WorkloadIdentity } from "../identity/spiffe-id.ts";
import type { CertificateSource } from "./secure-context.ts";

/** Certificates handed out from a table, which a test may change (`renew`). */
export class TestCertificates implements CertificateSource {
  readonly #certificates = new Map<string, Certificate>();
  readonly #listeners = new Set<(certificate: Certificate) => void>();

  renew(certificate: Certificate): void {
    this.#certificates.set(certificate.info.spiffeId, certificate);
    for (const listener of this.#listeners) {
      listener(certificate);
    }
  }

  current(identity: WorkloadIdentity): Certificate | undefined {
    const certificate = this.#certificates.get(formatSpiffeId(identity));
    return certificate !== undefined && certificate.info.notAfterUnixMs > Date.now() ? certificate : undefined;
  }

  fetch(identity: WorkloadIdentity): Promise<Certificate> {
    const certificate = this.current(identity);
    return certificate === undefined ? Promise.reject(new Error("no certificate")) : Promise.resolve(certificate);
  }

  onRenewal(listener: (certificate: Certificate) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
