import type { DenialReason } from "@/server/contracts/denials.ts";

/** Reasons as the filter names them. */
export const reasonTitles: Record<DenialReason, string> = {
  "denied-by-policy": "Denied by a rule",
  "no-allow-policy-matched": "No rule lets it in",
  "unknown-policy": "Rules not known yet",
  "plain-text-under-strict": "Plain text, mTLS required",
  "certificate-expired": "Certificate expired",
  "certificate-untrusted": "Certificate from elsewhere",
  "certificate-invalid": "Certificate not valid",
  "identity-mismatch": "Not who was expected",
  "caller-not-in-pod": "Caller is not in the pod",
  "destination-not-listed": "Destination not listed",
  "token-invalid": "Token not valid",
  "refused-by-authorizer": "Refused by the external authorizer",
  "authorizer-unavailable": "External authorizer does not answer",
  "rate-limited": "Rate limit reached",
  "not-synced": "Proxy not ready",
};
