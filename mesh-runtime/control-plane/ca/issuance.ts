import { status } from "@grpc/grpc-js";
import type { CertificateAuthority, IssuedCertificate } from "../../identity/certificate-authority.ts";
import { CsrError, readCsr } from "../../identity/csr.ts";
import {
  formatSpiffeId,
  parseWorkloadIdentity,
  sameIdentity,
  type WorkloadIdentity,
} from "../../identity/spiffe-id.ts";
import { type Caller, callerKey } from "./caller.ts";

/** A refusal with the gRPC status that goes to the caller. */
export class IssuanceError extends Error {
  override readonly name = "IssuanceError";
  readonly grpcStatus: status;
  constructor(grpcStatus: status, message: string) {
    super(message);
    this.grpcStatus = grpcStatus;
  }
}

/** One request, as it came. */
export interface CertificateRequest {
  readonly caller: Caller;
  readonly csr: string;
  /** Metadata `ImpersonatedIdentity`. */
  readonly impersonated: string | undefined;
  /** Seconds; 0 or less leaves it to the CA. */
  readonly validitySeconds: number;
}

export interface IssuanceOptions {
  readonly authority: () => CertificateAuthority;
  readonly trustDomain: string;
  /** Lifetime when none is asked for, and the longest, in milliseconds. */
  readonly lifetimeMs: number;
  /** ServiceAccounts of node agents, `<namespace>/<name>`: they may ask on behalf of the pods on their node. */
  readonly agents: ReadonlySet<string>;
  /** Whether a pod of that identity is bound to the node; may wait a moment for news of a pod just bound. */
  readonly runsOnNode: (identity: WorkloadIdentity, node: string) => Promise<boolean>;
}

/** Decides on one certificate request and signs; throws `IssuanceError`. */
export async function issueCertificate(
  options: IssuanceOptions,
  request: CertificateRequest,
): Promise<IssuedCertificate> {
  const identity = await entitledIdentity(options, request);
  const spiffeId = formatSpiffeId(identity);
  const csr = checkedCsr(request.csr);
  if (csr.uri !== undefined && csr.uri !== spiffeId) {
    throw new IssuanceError(status.INVALID_ARGUMENT, `the request names another identity than ${spiffeId}`);
  }
  const askedMs = request.validitySeconds > 0 ? request.validitySeconds * 1_000 : options.lifetimeMs;
  return options.authority().issueWorkload(csr.publicKey, spiffeId, Math.min(askedMs, options.lifetimeMs));
}

/** The identity that the caller may have: its own, or one of its node's pods. */
async function entitledIdentity(
  { trustDomain, agents, runsOnNode }: IssuanceOptions,
  { caller, impersonated }: CertificateRequest,
): Promise<WorkloadIdentity> {
  const own: WorkloadIdentity = { trustDomain, namespace: caller.namespace, serviceAccount: caller.serviceAccount };
  if (impersonated === undefined) {
    return own;
  }
  const identity = parsed(impersonated);
  if (identity.trustDomain !== trustDomain) {
    throw new IssuanceError(status.PERMISSION_DENIED, `the trust domain is ${trustDomain}`);
  }
  if (sameIdentity(identity, own)) {
    return own;
  }
  if (!agents.has(callerKey(caller))) {
    throw new IssuanceError(status.PERMISSION_DENIED, `${callerKey(caller)} may not ask for another identity`);
  }
  if (caller.node === undefined) {
    throw new IssuanceError(status.PERMISSION_DENIED, "the token is not bound to a node");
  }
  if (!(await runsOnNode(identity, caller.node))) {
    throw new IssuanceError(
      status.PERMISSION_DENIED,
      `no pod of ${identity.namespace}/${identity.serviceAccount} is bound to node ${caller.node}`,
    );
  }
  return identity;
}

function parsed(spiffeId: string): WorkloadIdentity {
  try {
    return parseWorkloadIdentity(spiffeId);
  } catch {
    throw new IssuanceError(status.INVALID_ARGUMENT, "ImpersonatedIdentity is no SPIFFE ID of a workload");
  }
}

function checkedCsr(pem: string) {
  try {
    return readCsr(pem);
  } catch (error) {
    if (error instanceof CsrError) {
      throw new IssuanceError(status.INVALID_ARGUMENT, error.message);
    }
    throw error;
  }
}
