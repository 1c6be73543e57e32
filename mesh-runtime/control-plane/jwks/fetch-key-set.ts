import { publicKeySet } from "../translate/input/key-set.ts";
import type { KeySource } from "../translate/l7/jwt-rules.ts";
import { FetchError } from "./fetch-error.ts";
import type { Get } from "./http-get.ts";
import { shownUrl } from "./shown-url.ts";

/** Public keys as text, and how long their origin says that they hold. */
export interface FetchedKeySet {
  readonly jwks: string;
  readonly maxAgeMs: number | undefined;
}

const discoverySuffix = "/.well-known/openid-configuration";

/** Fetches a key set, by way of the issuer's discovery document where that is what is known. */
export async function fetchKeySet(source: KeySource, get: Get, signal: AbortSignal): Promise<FetchedKeySet> {
  const url = source.discovery ? await discover(source.url, get, signal) : source.url;
  const { body, maxAgeMs } = await get(url, signal);
  const found = publicKeySet(body);
  if ("problem" in found) {
    throw new FetchError("bad-content", `${shownUrl(url)}: ${found.problem}`);
  }
  return { jwks: found.jwks, maxAgeMs };
}

/** `jwks_uri` of a discovery document, which must speak for the issuer that was asked (OpenID Discovery, section 4.3). */
async function discover(url: string, get: Get, signal: AbortSignal): Promise<string> {
  const { body } = await get(url, signal);
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    throw new FetchError("bad-content", `${shownUrl(url)} is no JSON`);
  }
  const record = typeof document === "object" && document !== null ? (document as Record<string, unknown>) : {};
  const keys = record["jwks_uri"];
  const issuer = record["issuer"];
  if (typeof keys !== "string" || keys === "") {
    throw new FetchError("bad-content", `${shownUrl(url)} names no jwks_uri`);
  }
  if (typeof issuer !== "string" || withoutSlash(issuer) !== url.slice(0, -discoverySuffix.length)) {
    throw new FetchError("bad-content", `${shownUrl(url)} speaks for another issuer`);
  }
  if (url.startsWith("https:") && !keys.startsWith("https:")) {
    throw new FetchError("bad-content", `${shownUrl(url)} names a jwks_uri without https`);
  }
  return keys;
}

const withoutSlash = (text: string): string => text.replace(/\/+$/, "");
