import { type Algorithm, isAlgorithm } from "./algorithms.ts";
import type { TokenFailure } from "./token-failure.ts";

/** A token as it was sent; nothing of it is proven. */
export interface ParsedToken {
  readonly text: string;
  readonly algorithm: Algorithm;
  /** Empty: none. */
  readonly kid: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  /** Seconds since the epoch; 0: none. */
  readonly notBefore: number;
  readonly expiry: number;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Base64url, as sent. */
  readonly payload: string;
}

const lengthMax = 16_384;
const base64url = /^[A-Za-z0-9_-]+$/;
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a token in compact form (RFC 7519 §7.2), or says why it is none. Checks no signature. */
export function parseToken(text: string): ParsedToken | TokenFailure {
  const [header = "", payload = "", signature = "", ...rest] = text.length > lengthMax ? [] : text.split(".");
  if (header === "" || payload === "" || signature === "" || rest.length > 0) {
    return "format";
  }
  const algorithm = parseHeader(header);
  if (typeof algorithm === "string") {
    return algorithm;
  }
  const claims = parsePart(payload, "payloadBase64", "payloadJson");
  if (typeof claims === "string") {
    return claims;
  }
  if (!base64url.test(signature)) {
    return "signatureBase64";
  }
  const { iss = "", sub = "", aud = [], nbf = 0, exp = 0 } = claims;
  if (typeof iss !== "string") {
    return "issuerType";
  }
  if (typeof sub !== "string") {
    return "subjectType";
  }
  if (typeof nbf !== "number") {
    return "notBeforeType";
  }
  if (typeof exp !== "number") {
    return "expiryType";
  }
  if (nbf < 0) {
    return "notBeforeRange";
  }
  if (exp < 0) {
    return "expiryRange";
  }
  const audiences = typeof aud === "string" ? [aud] : aud;
  if (!isStrings(audiences)) {
    return "audienceType";
  }
  return { ...algorithm, text, issuer: iss, subject: sub, audiences, notBefore: nbf, expiry: exp, claims, payload };
}

function parseHeader(text: string): Pick<ParsedToken, "algorithm" | "kid"> | TokenFailure {
  const header = parsePart(text, "headerBase64", "headerJson");
  if (typeof header === "string") {
    return header;
  }
  const { alg, kid = "", crit } = header;
  if (typeof alg !== "string") {
    return "algorithmMissing";
  }
  if (!isAlgorithm(alg)) {
    return "algorithm";
  }
  if (typeof kid !== "string") {
    return "kid";
  }
  // No extension is understood here, so that a critical one must be refused (RFC 7515 §4.1.11).
  return crit === undefined ? { algorithm: alg, kid } : "signature";
}

function parsePart(
  text: string,
  notBase64: TokenFailure,
  notJson: TokenFailure,
): Readonly<Record<string, unknown>> | TokenFailure {
  if (!base64url.test(text)) {
    return notBase64;
  }
  try {
    const value: unknown = JSON.parse(strictUtf8.decode(Buffer.from(text, "base64url")));
    return isObject(value) ? value : notJson;
  } catch {
    return notJson;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === "string");
