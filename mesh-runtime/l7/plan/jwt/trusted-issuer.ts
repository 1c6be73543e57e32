import type { VerifiedToken } from "../../../policy/http-model.ts";
import type { L7JwtRule } from "../../../xds/proxy-config.ts";
import { fieldValue, isEditable } from "../filters/field-text.ts";
import { claimText } from "./claim-text.ts";
import { KeySet } from "./key-set.ts";
import type { ParsedToken } from "./parse-token.ts";
import type { TokenFailure } from "./token-failure.ts";

/** Clocks may differ by so much (jwt_verify_lib, `kClockSkewInSecond`). */
const leewaySeconds = 60;

/** A token that its issuer signed, for this place. */
export interface AcceptedToken {
  readonly issuer: TrustedIssuer;
  readonly token: VerifiedToken;
  /** Seconds since the epoch; 0: none. */
  readonly notBefore: number;
  readonly expiry: number;
  /** Fields made from it: name, value, name, value, … */
  readonly outputs: readonly string[];
}

/** A rule of a RequestAuthentication, made ready. */
export class TrustedIssuer {
  readonly rule: L7JwtRule;
  /** Place among the rules: the first one's token is the one that policies judge. */
  readonly order: number;
  /** Lower-case names of the fields that it may make. */
  readonly outputNames: readonly string[];
  readonly #keys: KeySet;
  readonly #onUnknownKey: ((issuer: string) => void) | undefined;
  readonly #audiences: ReadonlySet<string>;

  /** `onUnknownKey`: a token of the issuer names a key that the rule lacks; told for every such token. */
  constructor(rule: L7JwtRule, order: number, onUnknownKey?: (issuer: string) => void) {
    this.#onUnknownKey = onUnknownKey;
    this.rule = rule;
    this.order = order;
    this.#keys = new KeySet(rule.jwks);
    this.#audiences = new Set(rule.audiences.map(bareAudience));
    this.outputNames = [rule.outputPayloadToHeader, ...rule.outputClaimToHeaders.map(({ header }) => header)]
      .map((name) => name.toLowerCase())
      .filter(isEditable);
  }

  /** Checks time, audience and signature, in Envoy's order. */
  async accept(parsed: ParsedToken, nowMs: number): Promise<AcceptedToken | TokenFailure> {
    const failure = timeFailure(parsed, nowMs) ?? this.#audienceFailure(parsed) ?? (await this.#keys.verify(parsed));
    if (failure !== undefined) {
      if ((failure === "noMatchingKey" || failure === "signature") && this.#keys.lacks(parsed)) {
        this.#onUnknownKey?.(this.rule.issuer);
      }
      return failure;
    }
    const { claims, issuer, subject, audiences, notBefore, expiry } = parsed;
    const presenter = claims["azp"];
    const token: VerifiedToken = {
      // Istio: without a subject there is no request principal.
      principal: subject === "" ? "" : `${issuer}/${subject}`,
      audiences,
      presenter: typeof presenter === "string" ? presenter : "",
      claims,
    };
    return { issuer: this, token, notBefore, expiry, outputs: this.#outputs(parsed) };
  }

  #audienceFailure({ audiences }: ParsedToken): TokenFailure | undefined {
    const allowed = this.#audiences;
    return allowed.size === 0 || audiences.some((audience) => allowed.has(bareAudience(audience)))
      ? undefined
      : "audience";
  }

  #outputs({ claims, payload }: ParsedToken): string[] {
    const { outputPayloadToHeader, outputClaimToHeaders } = this.rule;
    const made = [{ header: outputPayloadToHeader, text: payload }];
    for (const { header, claim } of outputClaimToHeaders) {
      const text = claimText(claims, claim);
      if (text !== undefined) {
        made.push({ header, text });
      }
    }
    return made.flatMap(({ header, text }) => {
      const name = header.toLowerCase();
      const value = fieldValue(text);
      return value === undefined || !isEditable(name) ? [] : [name, value];
    });
  }
}

/** Whether a token is not valid yet, or no longer. */
export function timeFailure(
  { notBefore, expiry }: Pick<ParsedToken, "notBefore" | "expiry">,
  nowMs: number,
): "notYetValid" | "expired" | undefined {
  const now = Math.floor(nowMs / 1000);
  if (now + leewaySeconds < notBefore) {
    return "notYetValid";
  }
  return expiry !== 0 && now > expiry + leewaySeconds ? "expired" : undefined;
}

/** Envoy compares audiences without the scheme of a URL and the slash at its end (jwt_verify_lib, `check_audience.cc`). */
const bareAudience = (audience: string): string => audience.replace(/^https?:\/\//, "").replace(/\/$/, "");
