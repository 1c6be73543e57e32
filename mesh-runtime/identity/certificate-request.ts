import { generateKeyPair, type KeyObject, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { create } from "@bufbuild/protobuf";
import type { Client, Metadata } from "@grpc/grpc-js";
import { type ControlPlaneEndpoint, openControlPlaneChannel } from "../xds/control-plane-channel.ts";
import {
  type IstioCertificateRequest,
  IstioCertificateRequestSchema,
  type IstioCertificateResponse,
} from "../xds/gen/certificate_pb.js";
import { createCertificate } from "../xds/grpc-methods.ts";
import { createCsr } from "./csr.ts";
import { type CertificateInfo, checkLeaf } from "./peer-certificate.ts";
import { formatSpiffeId, type WorkloadIdentity } from "./spiffe-id.ts";
import { splitCertificates } from "./x509-names.ts";

/** A workload's certificate with its key; the key was made in this process and stays in it. */
export interface Certificate {
  readonly identity: WorkloadIdentity;
  readonly info: CertificateInfo;
  /** PKCS #8, PEM: for `tls.createSecureContext`. Never log it, never write it. */
  readonly key: string;
  /** Leaf and intermediates, PEM, concatenated: the `cert` of a secure context. */
  readonly chain: string;
  /** Trusted roots, PEM each: the `ca` of a secure context. */
  readonly roots: readonly string[];
}

const generate = promisify(generateKeyPair);
const deadlineMs = 10_000;

/**
 * Asks the CA for one certificate. With `impersonate` (agents) the identity goes along as `ImpersonatedIdentity`;
 * without, it must be the token's own. The answer is checked: our key, the identity asked for, a chain to its roots.
 */
export async function requestCertificate(
  endpoint: ControlPlaneEndpoint,
  identity: WorkloadIdentity,
  { impersonate, signal }: { impersonate: boolean; signal: AbortSignal },
): Promise<Certificate> {
  const { privateKey } = await generate("ec", { namedCurve: "prime256v1" });
  const spiffeId = formatSpiffeId(identity);
  const request = create(IstioCertificateRequestSchema, {
    csr: createCsr(privateKey, spiffeId),
    ...(impersonate ? { metadata: { ImpersonatedIdentity: spiffeId } } : {}),
  });
  const { client, metadata } = await openControlPlaneChannel(endpoint);
  // Closing the client ends the call.
  const abort = (): void => client.close();
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    return readAnswer(await call(client, metadata, request), identity, privateKey);
  } finally {
    signal.removeEventListener("abort", abort);
    client.close();
  }
}

function call(client: Client, metadata: Metadata, request: IstioCertificateRequest): Promise<IstioCertificateResponse> {
  const { path, requestSerialize, responseDeserialize } = createCertificate;
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + deadlineMs;
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      { deadline },
      (error, value) => (value === undefined ? reject(error ?? new Error("the CA gave no answer")) : resolve(value)),
    );
  });
}

function readAnswer(
  { certChain }: IstioCertificateResponse,
  identity: WorkloadIdentity,
  privateKey: KeyObject,
): Certificate {
  const [leafPem] = certChain;
  const last = certChain.at(-1);
  if (leafPem === undefined || last === undefined || certChain.length < 2) {
    throw new Error("the CA's answer lacks the leaf or the root");
  }
  const roots = splitCertificates(last);
  const chain = certChain.slice(0, -1).map((pem) => new X509Certificate(pem));
  const [leaf] = chain;
  if (leaf === undefined || !leaf.checkPrivateKey(privateKey)) {
    throw new Error("the CA's answer is for another key");
  }
  const { info } = checkLeaf(leaf.raw, identity.trustDomain);
  if (info.spiffeId !== formatSpiffeId(identity)) {
    throw new Error(`the CA's answer is for ${info.spiffeId}`);
  }
  const path = [...chain, ...roots.map((pem) => new X509Certificate(pem))];
  if (
    !chain.every((certificate) =>
      path.some((issuer) => issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)),
    )
  ) {
    throw new Error("the CA's answer does not lead to its root");
  }
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { identity, info, key, chain: chain.map(String).join(""), roots };
}
