import { create } from "@bufbuild/protobuf";
import { type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import type { Log } from "../../common/log.ts";
import {
  type IstioCertificateRequest,
  type IstioCertificateResponse,
  IstioCertificateResponseSchema,
} from "../../xds/gen/certificate_pb.js";
import { callerKey } from "./caller.ts";
import { IssuanceError, type IssuanceOptions, issueCertificate } from "./issuance.ts";
import { AuthenticationError, type TokenAuthenticator } from "./token-authenticator.ts";

/** Requests worked on at once; more are told to come back. */
const concurrencyMax = 64;

export interface CertificateHandlerOptions extends IssuanceOptions {
  readonly authenticator: TokenAuthenticator;
  readonly log: Log;
}

/** Counters for `/metrics`. */
export interface CertificateCounts {
  issued: number;
  refused: number;
}

/** Handler of `IstioCertificateService/CreateCertificate`. */
export function createCertificateHandler(options: CertificateHandlerOptions) {
  const counts: CertificateCounts = { issued: 0, refused: 0 };
  let working = 0;

  const answer = async (
    call: ServerUnaryCall<IstioCertificateRequest, IstioCertificateResponse>,
  ): Promise<IstioCertificateResponse> => {
    const caller = await options.authenticator.authenticate(call.metadata);
    const impersonated = call.request.metadata?.["ImpersonatedIdentity"];
    if (impersonated !== undefined && typeof impersonated !== "string") {
      throw new IssuanceError(status.INVALID_ARGUMENT, "ImpersonatedIdentity must be a string");
    }
    const issued = await issueCertificate(options, {
      caller,
      csr: call.request.csr,
      impersonated,
      validitySeconds: Number(call.request.validityDuration),
    });
    options.log.info("certificate issued", {
      caller: callerKey(caller),
      identity: impersonated,
      serial: issued.serial,
    });
    // Several roots travel as one last element (ztunnel splits it).
    return create(IstioCertificateResponseSchema, { certChain: [...issued.chain, issued.roots.join("")] });
  };

  const handle = (
    call: ServerUnaryCall<IstioCertificateRequest, IstioCertificateResponse>,
    callback: sendUnaryData<IstioCertificateResponse>,
  ): void => {
    if (working >= concurrencyMax) {
      callback({ code: status.RESOURCE_EXHAUSTED, details: "too many certificate requests at once" });
      return;
    }
    working += 1;
    answer(call)
      .then(
        (response) => {
          counts.issued += 1;
          callback(null, response);
        },
        (error: unknown) => {
          counts.refused += 1;
          callback(refusalOf(error, options.log, call.getPeer()));
        },
      )
      .finally(() => {
        working -= 1;
      });
  };
  return { handle, counts };
}

function refusalOf(error: unknown, log: Log, peer: string): { code: status; details: string } {
  if (error instanceof AuthenticationError || error instanceof IssuanceError) {
    log.warn("certificate refused", { peer, reason: error.message });
    return { code: error.grpcStatus, details: error.message };
  }
  log.error("certificate request failed", { peer, error: String(error) });
  return { code: status.INTERNAL, details: "internal error" };
}
