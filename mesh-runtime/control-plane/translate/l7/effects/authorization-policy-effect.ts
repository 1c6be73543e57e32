import type { WantedCondition } from "../../conditions.ts";
import { fields, items, text } from "../../input/lenient.ts";
import type { AuthorizationPolicyInput } from "../../input/policy.ts";
import { customPolicyEffects } from "./custom-policy-effect.ts";
import { type EffectContext, ineffective, listed } from "./effect.ts";
import { portsThatPodsLack } from "./pod-ports.ts";

type Rule = Readonly<Record<string, unknown>>;

/** Values that are accepted and that no request ever has. */
interface Check {
  /** Field of a rule's part, and its negation. */
  readonly part: "source" | "operation";
  readonly field: string;
  readonly notField: string;
  /** Key of a condition about the same. */
  readonly key: string | undefined;
  never(value: string): boolean;
  /** Why, and what to write instead. */
  say(values: readonly string[]): string;
}

const checks: readonly Check[] = [
  {
    part: "operation",
    field: "methods",
    notField: "notMethods",
    key: undefined,
    never: (value) => /[a-z]/.test(value),
    say: (values) =>
      `no request has the method ${listed(values)}, write ${listed(values.map((value) => value.toUpperCase()))}`,
  },
  {
    part: "operation",
    field: "paths",
    notField: "notPaths",
    key: undefined,
    never: (value) => !/^[/*{]/.test(value),
    say: (values) => `no request has the path ${listed(values)}, write ${listed(values.map((value) => `/${value}`))}`,
  },
  {
    part: "source",
    field: "principals",
    notField: "notPrincipals",
    key: "source.principal",
    never: (value) => value.startsWith("spiffe://"),
    say: (values) => `no caller is called ${listed(values)}, write it without spiffe://`,
  },
];

/** What comes of a value that never matches. */
const consequences: ReadonlyMap<string, string> = new Map([
  ["ALLOW", "nobody is let in by it"],
  ["DENY", "nothing is refused by it"],
  ["CUSTOM", "nobody is asked because of it"],
  ["AUDIT", "nothing is noted because of it"],
]);

/**
 * Conditions of AuthorizationPolicies by key: of those with action CUSTOM always, of all others only where a value can
 * never match. Istio accepts such values unseen, and here too they match to the letter, so that a DENY refuses nothing by
 * them.
 */
export function authorizationPolicyEffects(context: EffectContext): ReadonlyMap<string, WantedCondition> {
  const effects = new Map(customPolicyEffects(context));
  for (const [key, policy] of context.world.authorizationPolicies) {
    const sentences = neverMatching(policy, context);
    if (sentences.length > 0 && effects.get(key)?.status !== "False") {
      effects.set(key, ineffective({ reason: "ValueNeverMatches", message: sentences.join("; ") }));
    }
  }
  return effects;
}

function neverMatching(policy: AuthorizationPolicyInput, context: EffectContext): readonly string[] {
  const spec = fields(policy.resource.spec);
  const rules = items(spec["rules"]).map(fields);
  const consequence = consequences.get(text(spec["action"], "ALLOW")) ?? "it has no effect";
  const told = checks.flatMap((check) => {
    const wanted = valuesOf(rules, check, false).filter(check.never);
    const excepted = valuesOf(rules, check, true).filter(check.never);
    return [
      ...(wanted.length === 0 ? [] : [`${consequence}: ${check.say(wanted)}`]),
      ...(excepted.length === 0 ? [] : [`nothing is excepted by it: ${check.say(excepted)}`]),
    ];
  });
  const ports = rules.flatMap((rule) => partsOf(rule, "operation").flatMap((part) => textsOf(part["ports"])));
  return [...told, ...portsThatPodsLack(policy, ports, context).map((why) => `${consequence}: ${why}`)];
}

const valuesOf = (rules: readonly Rule[], check: Check, negated: boolean): string[] =>
  rules.flatMap((rule) => [
    ...partsOf(rule, check.part).flatMap((part) => textsOf(part[negated ? check.notField : check.field])),
    ...items(rule["when"])
      .map(fields)
      .filter(({ key }) => check.key !== undefined && key === check.key)
      .flatMap((condition) => textsOf(condition[negated ? "notValues" : "values"])),
  ]);

const partsOf = (rule: Rule, part: Check["part"]): Rule[] =>
  items(rule[part === "source" ? "from" : "to"]).map((entry) => fields(fields(entry)[part]));

const textsOf = (value: unknown): string[] => items(value).filter((entry) => typeof entry === "string");
