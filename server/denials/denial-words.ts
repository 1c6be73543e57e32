/** What refusals are called. Pure. */
import type { DenialReason } from "@/server/contracts/denials.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";

const notAllowed: Readonly<Record<string, string>> = {
  "source.principal": "Identity not named",
  "source.serviceAccount": "Identity not named",
  "source.namespace": "Namespace not named",
  "source.ip": "Address not named",
  "destination.ip": "Address not allowed",
  "destination.port": "Port not allowed",
  "request.method": "Method not allowed",
  "request.path": "Path not allowed",
  "request.host": "Host not allowed",
  "request.header": "Header missing or other",
  "remote.ip": "Address not named",
  "connection.sni": "Server name not allowed",
  "request.auth.principal": "User not named",
  "request.auth.audiences": "Token is for somebody else",
  "request.auth.presenter": "Token was given to somebody else",
  "request.auth.claims": "Claim missing or other",
};

const titles: Readonly<Record<Exclude<DenialReason, "no-allow-policy-matched">, string>> = {
  "denied-by-policy": "Denied by a rule",
  "unknown-policy": "Policy not loaded yet",
  "plain-text-under-strict": "Plain text, mutual TLS required",
  "certificate-expired": "Certificate expired",
  "certificate-untrusted": "Certificate of another authority",
  "certificate-invalid": "Certificate not valid",
  "identity-mismatch": "Identity is not the expected one",
  "caller-not-in-pod": "Caller is no process of the pod",
  "destination-not-listed": "Destination outside is not listed",
  "not-synced": "Proxy has no policy yet",
  "token-invalid": "Token not valid",
  "refused-by-authorizer": "Refused by the external authorizer",
  "authorizer-unavailable": "External authorizer does not answer",
  "rate-limited": "Rate limit reached",
};

const strictPolicy = /istio_converted_static_strict$|\/converted_peer_authentication_/;

/** Refused since it was plain text where mutual TLS is required. */
export const isPlainTextRefusal = ({ reason, policy }: Pick<DenialIdentity, "reason" | "policy">): boolean =>
  reason === "plain-text-under-strict" || (reason === "denied-by-policy" && strictPolicy.test(policy));

export function reasonTitle(
  denial: Pick<DenialIdentity, "reason" | "policy" | "attribute">,
  hasIdentity: boolean,
): string {
  if (isPlainTextRefusal(denial)) {
    return titles["plain-text-under-strict"];
  }
  if (denial.reason !== "no-allow-policy-matched") {
    return titles[denial.reason];
  }
  if (!hasIdentity) {
    return "Plain text, no identity";
  }
  return notAllowed[denial.attribute] ?? "No rule allows it";
}

export const answerTitle = (answer: number): string => (answer === 0 ? "reset" : String(answer));

/** Without scheme; empty when nothing was proven. */
export const plainPrincipal = (principal: string): string =>
  principal === "" || principal === "unknown" ? "" : principal.replace(/^spiffe:\/\//, "");
