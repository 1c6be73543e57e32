import { hash } from "node:crypto";
import type { L7JwtRule } from "../../../xds/proxy-config.ts";
import { parseToken } from "./parse-token.ts";
import type { TokenFailure } from "./token-failure.ts";
import { locationsOf, type TokenLocation } from "./token-locations.ts";
import { type AcceptedToken, TrustedIssuer, timeFailure } from "./trusted-issuer.ts";

/** A location with the issuers whose tokens may stand there. */
export interface WatchedLocation {
  readonly index: number;
  readonly location: TokenLocation;
  readonly issuers: readonly TrustedIssuer[];
}

export type Outcome = AcceptedToken | TokenFailure;

/** Accepted tokens of one place that are remembered. */
export const keptMax = 4_096;

/**
 * The rules of one place. Tokens that were accepted are kept by their hash, never by themselves, until they expire or
 * make room; new rules or keys make a new verifier, so that nothing kept outlives the keys it was checked with.
 */
export class TokenVerifier {
  readonly locations: readonly WatchedLocation[];
  /** Lower-case names of the fields that only a token may make. */
  readonly outputNames: readonly string[];
  readonly #accepted = new Map<string, AcceptedToken>();
  readonly #underWay = new Map<string, Promise<Outcome>>();
  readonly #keptMax: number;

  constructor(rules: readonly L7JwtRule[], max: number = keptMax, onUnknownKey?: (issuer: string) => void) {
    const issuers = rules.map((rule, order) => new TrustedIssuer(rule, order, onUnknownKey));
    const byLocation = new Map<string, { location: TokenLocation; issuers: TrustedIssuer[] }>();
    for (const issuer of issuers) {
      for (const location of locationsOf(issuer.rule)) {
        const key = JSON.stringify(location);
        const entry = byLocation.get(key) ?? { location, issuers: [] };
        entry.issuers.push(issuer);
        byLocation.set(key, entry);
      }
    }
    this.locations = [...byLocation.values()].map((entry, index) => ({ ...entry, index }));
    this.outputNames = [...new Set(issuers.flatMap(({ outputNames }) => outputNames))];
    this.#keptMax = max;
  }

  get kept(): number {
    return this.#accepted.size;
  }

  /** At once for a token that was accepted before. */
  verify(watched: WatchedLocation, text: string, nowMs: number): Outcome | Promise<Outcome> {
    const key = `${watched.index} ${hash("sha256", text, "base64")}`;
    const known = this.#accepted.get(key);
    if (known !== undefined) {
      const failure = timeFailure(known, nowMs);
      this.#accepted.delete(key);
      if (failure !== undefined) {
        return failure;
      }
      // Least recently used first.
      this.#accepted.set(key, known);
      return known;
    }
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) {
      return underWay;
    }
    const begun = this.#begin(watched, text, nowMs, key);
    this.#underWay.set(key, begun);
    return begun;
  }

  async #begin(watched: WatchedLocation, text: string, nowMs: number, key: string): Promise<Outcome> {
    try {
      const outcome = await verified(watched, text, nowMs);
      if (typeof outcome !== "string") {
        this.#keep(key, outcome);
      }
      return outcome;
    } finally {
      this.#underWay.delete(key);
    }
  }

  #keep(key: string, accepted: AcceptedToken): void {
    if (this.#accepted.size >= this.#keptMax) {
      const oldest = this.#accepted.keys().next();
      if (oldest.done !== true) {
        this.#accepted.delete(oldest.value);
      }
    }
    this.#accepted.set(key, accepted);
  }
}

/** Asks the issuers that the token may be of, in the order of the rules; the first that accepts it decides. */
async function verified({ issuers }: WatchedLocation, text: string, nowMs: number): Promise<Outcome> {
  const parsed = parseToken(text);
  if (typeof parsed === "string") {
    return parsed;
  }
  let failure: TokenFailure = "issuer";
  for (const issuer of issuers) {
    if (issuer.rule.issuer === parsed.issuer) {
      const outcome = await issuer.accept(parsed, nowMs);
      if (typeof outcome !== "string") {
        return outcome;
      }
      failure = failure === "issuer" ? outcome : failure;
    }
  }
  return failure;
}
