import { hash } from "node:crypto";
import type { L7JwtRule } from "../../../xds/proxy-config.ts";
import type { ReplyPlan } from "../../request-plan.ts";
import type { Draft } from "../draft.ts";
import { isPreflight } from "../filters/cors.ts";
import type { PlannerOptions } from "../planner-scope.ts";
import { statusOf, type TokenFailure, tokenFailures } from "./token-failure.ts";
import { removeTokens, tokensAt } from "./token-locations.ts";
import { keptMax, type Outcome, TokenVerifier, type WatchedLocation } from "./token-verifier.ts";
import type { AcceptedToken } from "./trusted-issuer.ts";

interface FoundToken {
  readonly watched: WatchedLocation;
  readonly text: string;
}

const none: readonly FoundToken[] = [];

/**
 * Checks the tokens of requests (RequestAuthentication). A request without one passes as anonymous, for authorization to
 * judge; one with a token that does not hold is refused. Of several tokens all must hold, and policies judge the one
 * whose rule comes first.
 */
export class TokenCheck {
  readonly #verifier: TokenVerifier;
  readonly #policy: string;
  readonly #now: () => number;

  constructor(
    rules: readonly L7JwtRule[],
    { memory, now, onUnknownKey }: Pick<PlannerOptions, "memory" | "now" | "onUnknownKey">,
  ) {
    const key = `tokens ${hash("sha256", JSON.stringify(rules))}`;
    this.#verifier = memory.part(key, () => new TokenVerifier(rules, keptMax, onUnknownKey));
    this.#policy = rules[0]?.policy ?? "";
    this.#now = now;
  }

  /** Takes away what only a token may say: always, whoever sent it. */
  removeOutputs(draft: Draft): void {
    for (const name of this.#verifier.outputNames) {
      draft.removeField(name);
    }
  }

  /** `undefined`: nothing stands against the request. */
  check(draft: Draft): ReplyPlan | undefined | Promise<ReplyPlan | undefined> {
    const found = this.#find(draft);
    // Istio lets preflights pass (`bypass_cors_preflight`): browsers send them without credentials.
    if (found.length === 0 || isPreflight(draft)) {
      return undefined;
    }
    const nowMs = this.#now();
    const outcomes = found.map(({ watched, text }) => this.#verifier.verify(watched, text, nowMs));
    return outcomes.some((outcome) => outcome instanceof Promise)
      ? Promise.all(outcomes).then((settled) => this.#settle(draft, found, settled))
      : this.#settle(draft, found, outcomes.filter(isSettled));
  }

  #find(draft: Draft): readonly FoundToken[] {
    let found: FoundToken[] | undefined;
    for (const watched of this.#verifier.locations) {
      for (const text of tokensAt(watched.location, draft)) {
        found ??= [];
        found.push({ watched, text });
      }
    }
    return found ?? none;
  }

  #settle(draft: Draft, found: readonly FoundToken[], outcomes: readonly Outcome[]): ReplyPlan | undefined {
    const failure = outcomes.find((outcome) => typeof outcome === "string");
    if (failure !== undefined) {
      return this.#refuse(draft, failure);
    }
    let first: AcceptedToken | undefined;
    for (const [index, outcome] of outcomes.entries()) {
      if (typeof outcome === "string") {
        continue;
      }
      if (first === undefined || outcome.issuer.order < first.issuer.order) {
        first = outcome;
      }
      const token = found[index];
      if (token !== undefined && !outcome.issuer.rule.forwardOriginalToken) {
        removeTokens(token.watched.location, draft);
      }
    }
    for (const outcome of outcomes) {
      if (typeof outcome !== "string" && outcome.outputs.length > 0) {
        const { edited } = draft;
        for (let index = 0; index < outcome.outputs.length; index += 2) {
          edited.set(outcome.outputs[index] ?? "", outcome.outputs[index + 1] ?? "");
        }
      }
    }
    draft.token = first?.token;
    return undefined;
  }

  /** As Envoy's filter: the reason as body, and a challenge (RFC 6750 §3). */
  #refuse(draft: Draft, failure: TokenFailure): ReplyPlan {
    const uri = `${draft.scheme}://${draft.authority}${draft.path.slice(0, 256)}`.replaceAll('"', "%22");
    const reply = {
      status: statusOf(failure),
      flag: "-",
      body: tokenFailures[failure],
      fields: ["www-authenticate", `Bearer realm="${uri}", error="invalid_token"`],
    } as const;
    return draft.reply(reply, {
      reason: "token-invalid",
      policy: this.#policy,
      rule: -1,
      attribute: "request.auth.principal",
      evaluated: [this.#policy],
    });
  }
}

const isSettled = (outcome: Outcome | Promise<Outcome>): outcome is Outcome => !(outcome instanceof Promise);
