/**
 * SPIFFE IDs, as far as a mesh of Istio's form needs them (spiffe/spiffe `standards/SPIFFE-ID.md`).
 */

export type SpiffeIdErrorCode = "too-long" | "scheme" | "trust-domain" | "path" | "not-a-workload";

/** Why a text is no SPIFFE ID. */
export class SpiffeIdError extends Error {
  override readonly name = "SpiffeIdError";
  readonly code: SpiffeIdErrorCode;
  constructor(code: SpiffeIdErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface SpiffeId {
  /** Lower case. */
  readonly trustDomain: string;
  /** Segments after the trust domain; case matters. */
  readonly path: readonly string[];
}

/** `spiffe://<trust domain>/ns/<namespace>/sa/<service account>` */
export interface WorkloadIdentity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** Longest ID and longest trust domain, in bytes (SPIFFE-ID, section 2.3). */
const idMax = 2048;
const trustDomainMax = 255;

const trustDomainPattern = /^[a-z0-9._-]+$/;
const segmentPattern = /^[A-Za-z0-9._-]+$/;

/**
 * Parses a SPIFFE ID. Scheme and trust domain compare without regard to case and come out in lower case; user
 * information, port, query, fragment and percent-encoding are errors, as are empty, `.` and `..` segments.
 */
export function parseSpiffeId(text: string): SpiffeId {
  if (text.length > idMax) {
    throw new SpiffeIdError("too-long", `SPIFFE ID is longer than ${idMax} bytes`);
  }
  if (text.slice(0, 9).toLowerCase() !== "spiffe://") {
    throw new SpiffeIdError("scheme", `${quote(text)} does not begin with spiffe://`);
  }
  const [authority = "", ...path] = text.slice(9).split("/");
  const trustDomain = authority.toLowerCase();
  if (!trustDomainPattern.test(trustDomain) || trustDomain.length > trustDomainMax) {
    throw new SpiffeIdError("trust-domain", `${quote(text)} has no valid trust domain`);
  }
  for (const segment of path) {
    if (!segmentPattern.test(segment) || segment === "." || segment === "..") {
      throw new SpiffeIdError("path", `${quote(text)} has an invalid path segment ${quote(segment)}`);
    }
  }
  return { trustDomain, path };
}

/** Parses an ID of Istio's form; any other path is an error. */
export function parseWorkloadIdentity(text: string): WorkloadIdentity {
  const { trustDomain, path } = parseSpiffeId(text);
  const [ns, namespace, sa, serviceAccount] = path;
  if (path.length !== 4 || ns !== "ns" || sa !== "sa" || namespace === undefined || serviceAccount === undefined) {
    throw new SpiffeIdError("not-a-workload", `${quote(text)} is not spiffe://<trust domain>/ns/<ns>/sa/<name>`);
  }
  return { trustDomain, namespace, serviceAccount };
}

/** The full ID, as in certificates. */
export const formatSpiffeId = (identity: WorkloadIdentity): string => `spiffe://${formatPrincipal(identity)}`;

/** Without the scheme, as in `AuthorizationPolicy` principals and metrics. */
export const formatPrincipal = ({ trustDomain, namespace, serviceAccount }: WorkloadIdentity): string =>
  `${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;

export const sameIdentity = (a: WorkloadIdentity, b: WorkloadIdentity): boolean =>
  a.trustDomain === b.trustDomain && a.namespace === b.namespace && a.serviceAccount === b.serviceAccount;

const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
