import { TestAuthority } from "../../mesh-runtime/hbone/test-authority.suite.ts";
import type { Certificate } from "../../mesh-runtime/identity/certificate-request.ts";

/** What the three processes of the benchmark show each other. */
export interface BenchCertificates {
  readonly client: Certificate;
  readonly waypoint: Certificate;
  readonly backend: Certificate;
}

/** Issues them from an authority made for this run. */
export async function issueBenchCertificates(): Promise<BenchCertificates> {
  const authority = await TestAuthority.create();
  const of = (name: string): Promise<Certificate> => authority.issue(`spiffe://cluster.local/ns/bench/sa/${name}`);
  return { client: await of("client"), waypoint: await of("waypoint"), backend: await of("backend") };
}
