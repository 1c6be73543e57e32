import type { WantedCondition } from "../../conditions.ts";
import type { RequestAuthenticationInput } from "../../input/request-authentication.ts";
import { keySource, keysOf } from "../jwt-rules.ts";
import { targetProblems, whyNowhere } from "./attachment-effect.ts";
import { type EffectContext, effective, ineffective, listed, type Problem, unsupportedFields } from "./effect.ts";
import { standings } from "./standings.ts";

/** Conditions of all RequestAuthentications, by key. */
export function requestAuthenticationEffects(context: EffectContext): ReadonlyMap<string, WantedCondition> {
  const places = standings(context.proxies, ({ jwtRules }) => jwtRules.map(({ policy }) => policy));
  return new Map(
    [...context.world.requestAuthentications].map(([key, policy]) => [key, effectOf(policy, places(key), context)]),
  );
}

function effectOf(
  policy: RequestAuthenticationInput,
  places: readonly string[],
  context: EffectContext,
): WantedCondition {
  if (policy.rules.length === 0) {
    const what = policy.unsupported.length > 0 ? unsupportedFields(policy.unsupported) : "it has no jwtRules";
    return ineffective({ reason: "UnsupportedField", message: `no effect: ${what}` });
  }
  if (places.length === 0) {
    return ineffective(whyNowhere(policy, context));
  }
  const leftOut = policy.targets.length === 0 ? "; waypoints are left out, since they need targetRefs" : "";
  const where = `acts on ${listed(places)}${leftOut}`;
  const [problem] = [...contentProblems(policy, context), ...targetProblems(policy, context)];
  return problem === undefined
    ? effective(`${where}; requests without a token pass unless an AuthorizationPolicy asks for one`)
    : ineffective({ ...problem, message: `${where}; ${problem.message}` });
}

function contentProblems(policy: RequestAuthenticationInput, context: EffectContext): readonly Problem[] {
  const closed = policy.rules.filter((rule) => rule.closed);
  const keyless = policy.rules.filter((rule) => !rule.closed && keysOf(rule, context.world) === "");
  return [
    ...(policy.unsupported.length === 0
      ? []
      : [
          {
            reason: "UnsupportedField",
            message: `${unsupportedFields(policy.unsupported)}${
              closed.length === 0 ? "" : `; tokens of ${listed(closed.map(({ issuer }) => issuer))} are refused`
            }`,
          } as const,
        ]),
    ...keyless.map((rule): Problem => {
      const source = keySource(rule);
      const why = source === undefined ? rule.inlineProblem : context.keyProblem(source.url);
      const next = why ?? "the keys have not been fetched yet";
      return {
        reason: "JwksUnavailable",
        message: `tokens of ${rule.issuer} are refused: ${next}`,
      };
    }),
  ];
}
