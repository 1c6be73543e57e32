/** What a caller may send, with one request more: nothing beyond it is opened. Pure. */
import { pathPattern, type RequestRule } from "@/server/contracts/golden-paths/parts.ts";

interface Refused {
  readonly method: string;
  readonly path: string;
}

const rulesMax = 8;
const pathsMax = 32;

/** Methods and paths of the rule that the proxy found nearest, as it stands in the policy. */
export type NearestRule = Pick<RequestRule, "methods" | "paths">;

/** Undefined where the request cannot be named in a form, or there is no room for it. */
export function addRequest(
  rules: readonly RequestRule[],
  { method, path }: Refused,
  told?: NearestRule,
): readonly RequestRule[] | undefined {
  const [plain = ""] = path.split("?");
  // What the request says is meant as it stands; in a rule these would stand for anything.
  if (method === "" || /[*{}]/.test(plain) || !pathPattern.safeParse(plain).success) {
    return undefined;
  }
  const nearest = (told && rules.find((rule) => speaksOf(rule, told))) ?? nearestRule(rules, { method, path: plain });
  const only = (values: readonly string[], value: string): boolean => values.length === 1 && values[0] === value;
  if (nearest !== undefined && only(nearest.methods, method) && nearest.paths.length > 0) {
    return nearest.paths.length < pathsMax
      ? replaced(rules, nearest, { ...nearest, paths: [...nearest.paths, plain] })
      : undefined;
  }
  if (nearest !== undefined && only(nearest.paths, plain) && nearest.methods.length > 0) {
    return replaced(rules, nearest, { ...nearest, methods: [...nearest.methods, method] });
  }
  // The headers that the nearest rule asks for are asked for here too.
  const added: RequestRule = { methods: [method], paths: [plain], headers: [...(nearest?.headers ?? [])] };
  return rules.length < rulesMax ? [...rules, added] : undefined;
}

const speaksOf = (rule: RequestRule, { methods, paths }: NearestRule): boolean =>
  rule.methods.join() === methods.join() && rule.paths.join() === paths.join();

const replaced = (rules: readonly RequestRule[], one: RequestRule, by: RequestRule): RequestRule[] =>
  rules.map((rule) => (rule === one ? by : rule));

/** The rule that most of the request fits; the first of several. */
function nearestRule(rules: readonly RequestRule[], { method, path }: Refused): RequestRule | undefined {
  const fits = (values: readonly string[], value: string): number =>
    values.length === 0 || values.includes(value) ? 1 : 0;
  return rules
    .map((rule) => ({ rule, score: fits(rule.methods, method) + fits(rule.paths, path) }))
    .reduce<{ rule: RequestRule; score: number } | undefined>(
      (best, one) => (best === undefined || one.score > best.score ? one : best),
      undefined,
    )?.rule;
}
