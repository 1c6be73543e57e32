import type { HttpAuthorization } from "../../policy/http-model.ts";
import {
  evaluateL7,
  evaluateShadow,
  matchAudit,
  type PreparedHttpPolicies,
  prepareHttpPolicies,
} from "../../policy/index.ts";
import type { L7Policies } from "../../xds/proxy-config.ts";
import type { BodyPeek, ReplyPlan } from "../request-plan.ts";
import { ExternalAuthorization } from "./authz/external-authorization.ts";
import type { Draft } from "./draft.ts";
import { TokenCheck } from "./jwt/token-check.ts";
import { RateLimiter } from "./limits/rate-limiter.ts";
import type { PlannerOptions } from "./planner-scope.ts";
import { refuseByPolicy } from "./refusals.ts";

/** The answer of who refuses; `undefined` lets the request go on. */
export type Verdict = ReplyPlan | undefined;

/**
 * The policies in front of one place, in Istio's order (`buildWaypointHTTPFilters`): external authorizers, tokens,
 * authorization, and then, which Istio leaves to EnvoyFilters, rate limits.
 */
export class Gate {
  readonly #policies: PreparedHttpPolicies;
  readonly #audits: boolean;
  readonly #shadows: boolean;
  readonly #enforces: boolean;
  readonly #external: ExternalAuthorization | undefined;
  readonly #tokens: TokenCheck | undefined;
  readonly #limits: RateLimiter | undefined;

  /** `place` names what rate limits count for: a service, a pod, or the whole gateway (empty). */
  constructor(policies: L7Policies, place: string, options: PlannerOptions) {
    const { config, memory, now } = options;
    this.#policies = prepareHttpPolicies(policies.authorizations);
    const has = (test: (policy: HttpAuthorization) => boolean): boolean => policies.authorizations.some(test);
    this.#audits = has(({ action, dryRun }) => action === "AUDIT" && !dryRun);
    this.#shadows = has(({ dryRun }) => dryRun);
    this.#enforces = has(({ action, dryRun }) => (action === "ALLOW" || action === "DENY") && !dryRun);
    this.#external = has(({ action, dryRun }) => action === "CUSTOM" && !dryRun)
      ? new ExternalAuthorization(this.#policies, options)
      : undefined;
    this.#tokens = policies.jwtRules.length === 0 ? undefined : new TokenCheck(policies.jwtRules, options);
    this.#limits =
      policies.rateLimits.length === 0
        ? undefined
        : new RateLimiter(policies.rateLimits, `${config.namespace}/${config.name} ${place}`, memory, now);
  }

  /** At once unless an authorizer or a token that was not seen before must be waited for. */
  pass(draft: Draft, body: BodyPeek): Verdict | Promise<Verdict> {
    this.#tokens?.removeOutputs(draft);
    const asked = this.#external?.check(draft, body);
    return asked === undefined
      ? this.#authenticate(draft)
      : asked.then((verdict) => verdict ?? this.#authenticate(draft));
  }

  /**
   * Judges a request that is under way by what holds now: its token, as old as it is by now, and authorization. Neither
   * authorizers nor limits hear of it again, since nothing new was asked for.
   */
  passAgain(draft: Draft): Verdict | Promise<Verdict> {
    this.#tokens?.removeOutputs(draft);
    const verdict = this.#tokens?.check(draft);
    return verdict instanceof Promise
      ? verdict.then((refused) => refused ?? this.#enforce(draft))
      : (verdict ?? this.#enforce(draft));
  }

  #authenticate(draft: Draft): Verdict | Promise<Verdict> {
    const verdict = this.#tokens?.check(draft);
    if (verdict === undefined) {
      return this.#authorize(draft);
    }
    return verdict instanceof Promise ? verdict.then((refused) => refused ?? this.#authorize(draft)) : verdict;
  }

  #authorize(draft: Draft): Verdict {
    const policies = this.#policies;
    if (this.#audits) {
      draft.audited = matchAudit(policies, draft);
    }
    const refused = this.#enforce(draft);
    if (this.#shadows) {
      const shadow = evaluateShadow(policies, draft);
      draft.shadow = shadow?.allowed === (draft.decision?.allowed ?? true) ? undefined : shadow;
    }
    return refused ?? this.#limits?.check(draft);
  }

  #enforce(draft: Draft): Verdict {
    if (this.#enforces) {
      draft.decision = evaluateL7(this.#policies, draft);
    }
    return draft.decision?.allowed === false ? refuseByPolicy(draft, draft.decision) : undefined;
  }
}
