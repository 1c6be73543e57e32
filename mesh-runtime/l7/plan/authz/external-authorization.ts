import { type CustomMatch, matchCustom, type PreparedHttpPolicies } from "../../../policy/index.ts";
import type { L7Authorizer } from "../../../xds/proxy-config.ts";
import { localReplies } from "../../local-reply.ts";
import type { BodyPeek, Refusal, ReplyPlan } from "../../request-plan.ts";
import { clustersOf } from "../config-clusters.ts";
import type { Draft } from "../draft.ts";
import type { PlannerOptions } from "../planner-scope.ts";
import { setParameter, withoutParameter } from "../routes/query-parameters.ts";
import type { AuthorizerAnswer, Check } from "./authorizer-answer.ts";
import { checkedBody } from "./checked-body.ts";
import { grpcCheck } from "./grpc-check.ts";
import { httpCheck } from "./http-check.ts";

interface Provider {
  readonly authorizer: L7Authorizer;
  readonly check: Check;
}

/** Istio, `timeoutOrDefault`. */
const defaultTimeoutMs = 600_000;

/** External authorizers behind CUSTOM policies: all whose rules match a request must allow it. */
export class ExternalAuthorization {
  readonly #policies: PreparedHttpPolicies;
  readonly #providers: ReadonlyMap<string, Provider>;

  constructor(policies: PreparedHttpPolicies, { config, upstreams, call, now }: PlannerOptions) {
    this.#policies = policies;
    const providers = new Map<string, Provider>();
    for (const given of config.authorizers) {
      const authorizer = { ...given, timeoutMs: given.timeoutMs > 0 ? given.timeoutMs : defaultTimeoutMs };
      const { name, kind, cluster: key } = authorizer;
      const cluster = clustersOf(config).get(key) ?? upstreams.cluster(key);
      if (key !== "" && cluster !== undefined) {
        const check =
          kind === "grpc" ? grpcCheck(authorizer, cluster, call, now) : httpCheck(authorizer, cluster, call);
        providers.set(name, { authorizer, check });
      }
    }
    this.#providers = providers;
  }

  /** `undefined`: nobody is to be asked. */
  check(draft: Draft, body: BodyPeek): Promise<ReplyPlan | undefined> | undefined {
    const matches = matchCustom(this.#policies, draft);
    return matches.length === 0 ? undefined : this.#ask(matches, draft, body);
  }

  async #ask(matches: readonly CustomMatch[], draft: Draft, body: BodyPeek): Promise<ReplyPlan | undefined> {
    const asked = new Set<string>();
    for (const match of matches) {
      if (asked.has(match.provider)) {
        continue;
      }
      asked.add(match.provider);
      const provider = this.#providers.get(match.provider);
      if (provider === undefined) {
        // Istio: `…-deny-due-to-bad-CUSTOM-action`, whatever the provider would say about failing open.
        return draft.reply(localReplies.denied, refusal(match, "authorizer-unavailable"));
      }
      const refused = await askOne(provider, match, draft, body);
      if (refused !== undefined) {
        return refused;
      }
    }
    return undefined;
  }
}

async function askOne(
  { authorizer, check }: Provider,
  match: CustomMatch,
  draft: Draft,
  body: BodyPeek,
): Promise<ReplyPlan | undefined> {
  const part = await checkedBody(authorizer, draft, body);
  if (part === "too-large") {
    return draft.reply({ status: 413, flag: "UAEX", body: "" }, refusal(match, "refused-by-authorizer"));
  }
  const answer = await check(draft, part);
  switch (answer.kind) {
    case "allowed":
      applyChanges(answer, draft);
      return undefined;
    case "denied": {
      const { status, body: text, fields } = answer;
      return draft.reply({ status, flag: "UAEX", body: text, fields }, refusal(match, "refused-by-authorizer"));
    }
    case "error": {
      const status = authorizer.statusOnError > 0 ? authorizer.statusOnError : 403;
      return authorizer.failOpen
        ? undefined
        : draft.reply({ status, flag: "UAEX", body: "" }, refusal(match, "authorizer-unavailable"));
    }
  }
}

const refusal = ({ policy, rule, provider }: CustomMatch, reason: Refusal["reason"]): Refusal => ({
  reason,
  policy,
  rule,
  attribute: provider,
  evaluated: [policy],
});

function applyChanges(
  { request, response, setParameters, removeParameters }: Extract<AuthorizerAnswer, { kind: "allowed" }>,
  draft: Draft,
): void {
  for (const { name, value, how } of request) {
    switch (how) {
      case "set":
        draft.edited.set(name, value);
        break;
      case "add":
        draft.edited.add(name, value);
        break;
      case "add-if-absent":
        if (!draft.fields.has(name)) {
          draft.edited.add(name, value);
        }
        break;
      case "set-if-present":
        if (draft.fields.has(name)) {
          draft.edited.set(name, value);
        }
        break;
      case "remove":
        draft.removeField(name);
    }
  }
  for (const { name, value } of setParameters) {
    draft.query = setParameter(draft.query, name, value);
  }
  for (const name of removeParameters) {
    draft.query = withoutParameter(draft.query, name);
  }
  draft.responseEdits.push(...response);
}
