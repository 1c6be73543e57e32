/** Why a token is refused, with the texts that Envoy answers (jwt_verify_lib, `status.cc`). */
export const tokenFailures = {
  format: "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
  headerBase64: "Jwt header is an invalid Base64url encoded",
  headerJson: "Jwt header is an invalid JSON",
  algorithmMissing: "Jwt header [alg] field is required and must be a string",
  algorithm: "Jwt header [alg] is not supported",
  kid: "Jwt header [kid] field is not a string",
  payloadBase64: "Jwt payload is an invalid Base64url encoded",
  payloadJson: "Jwt payload is an invalid JSON",
  issuerType: "Jwt payload [iss] field is not a string",
  subjectType: "Jwt payload [sub] field is not a string",
  notBeforeType: "Jwt payload [nbf] field is not an integer",
  notBeforeRange: "Jwt payload [nbf] field is not a positive 64 bit integer",
  expiryType: "Jwt payload [exp] field is not an integer",
  expiryRange: "Jwt payload [exp] field is not a positive 64 bit integer",
  audienceType: "Jwt payload [aud] field is not a string or string list",
  signatureBase64: "Jwt signature is an invalid Base64url encoded",
  issuer: "Jwt issuer is not configured",
  notYetValid: "Jwt not yet valid",
  expired: "Jwt is expired",
  audience: "Audiences in Jwt are not allowed",
  noKeys: "Jwks doesn't have any valid public key",
  noMatchingKey: "Jwks doesn't have key to match kid or alg from Jwt",
  signature: "Jwt verification fails",
} as const;

export type TokenFailure = keyof typeof tokenFailures;

/** Envoy's filter: 403 where the token is good for somebody else. */
export const statusOf = (failure: TokenFailure): 401 | 403 => (failure === "audience" ? 403 : 401);
