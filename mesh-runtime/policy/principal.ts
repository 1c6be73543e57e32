/** The parts of `cluster.local/ns/<namespace>/sa/<service account>`, a SPIFFE ID without its scheme. */
export interface PrincipalParts {
  readonly namespace: string;
  readonly serviceAccount: string;
}

const shape = /^[a-z0-9._-]+\/ns\/([^/]+)\/sa\/([^/]+)$/;

/** Splits a principal; `undefined` when it is not of Istio's form. */
export function parsePrincipal(principal: string): PrincipalParts | undefined {
  const parts = shape.exec(principal);
  const namespace = parts?.[1];
  const serviceAccount = parts?.[2];
  return namespace === undefined || serviceAccount === undefined ? undefined : { namespace, serviceAccount };
}
