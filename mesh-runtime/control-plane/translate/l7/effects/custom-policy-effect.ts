import type { WantedCondition } from "../../conditions.ts";
import { fields, text } from "../../input/lenient.ts";
import type { AuthorizationPolicyInput } from "../../input/policy.ts";
import { clusterOfAuthorizer } from "../authorizers.ts";
import { type EffectContext, effective, ineffective, type Problem, unsupportedFields } from "./effect.ts";

/** Conditions of the AuthorizationPolicies that ask an external authorizer, by key; Istio accepts them unseen. */
export function customPolicyEffects(context: EffectContext): ReadonlyMap<string, WantedCondition> {
  const effects = new Map<string, WantedCondition>();
  for (const [key, policy] of context.world.authorizationPolicies) {
    const spec = fields(policy.resource.spec);
    if (spec["action"] === "CUSTOM") {
      effects.set(key, effectOf(providerOf(policy), context));
    }
  }
  return effects;
}

const providerOf = ({ resource }: AuthorizationPolicyInput): string =>
  text(fields(fields(resource.spec)["provider"])["name"]);

function effectOf(name: string, context: EffectContext): WantedCondition {
  const problem = problemOf(name, context);
  return problem === undefined ? effective(`matched requests are asked at provider ${name}`) : ineffective(problem);
}

function problemOf(name: string, { world }: EffectContext): Problem | undefined {
  const denied = "matched requests are denied";
  const { providers, problem } = world.meshConfig;
  const provider = providers.find((candidate) => candidate.name === name);
  if (provider?.authorizer === undefined) {
    const why = problem === "" ? "" : ` (${problem})`;
    return {
      reason: "UnknownProvider",
      message: `${denied}: extensionProviders of ConfigMap istio has no authorizer called "${name}"${why}`,
    };
  }
  const { authorizer } = provider;
  if (clusterOfAuthorizer(authorizer, world) === undefined) {
    return {
      reason: "HostNotFound",
      message: `${denied}: provider ${name} is at ${authorizer.service} port ${authorizer.port}, which no Service has`,
    };
  }
  return authorizer.unsupported.length === 0
    ? undefined
    : {
        reason: "UnsupportedField",
        message: `matched requests are asked at provider ${name}; ${unsupportedFields(authorizer.unsupported)}`,
      };
}
