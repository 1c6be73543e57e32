/** What an HTTPRoute's rules and parents must satisfy beyond their shapes (CEL of Gateway API 1.4, experimental). */
import { allDistinct } from "./gateway-rules.ts";
import type { HttpFilter } from "./http-filter.ts";

interface Backend {
  filters?: readonly HttpFilter[] | undefined;
}

interface RouteRule {
  matches?: readonly { path?: { type?: string | undefined } | undefined }[] | undefined;
  filters?: readonly HttpFilter[] | undefined;
  backendRefs?: readonly Backend[] | undefined;
}

interface Parent {
  group?: string | undefined;
  kind?: string | undefined;
  namespace?: string | undefined;
  name: string;
  sectionName?: string | undefined;
  port?: number | undefined;
}

type Rewriting = "requestRedirect" | "urlRewrite";

/** True when exactly one filter replaces the matched prefix. */
function replacesPrefix(filters: readonly HttpFilter[] | undefined, field: Rewriting): boolean {
  const replacing = (filters ?? []).filter((f) => {
    const path = f[field]?.path;
    return path?.type === "ReplacePrefixMatch" && path.replacePrefixMatch !== undefined;
  });
  return replacing.length === 1;
}

const onePrefixMatch = (self: RouteRule) => self.matches?.length === 1 && self.matches[0]?.path?.type === "PathPrefix";

const ofRule = (message: string, field: Rewriting) => ({
  message,
  check: (self: RouteRule) => !replacesPrefix(self.filters, field) || onePrefixMatch(self),
});

const ofBackends = (message: string, field: Rewriting) => ({
  message,
  check: (self: RouteRule) =>
    (self.backendRefs ?? []).filter((backend) => replacesPrefix(backend.filters, field)).length !== 1 ||
    onePrefixMatch(self),
});

export const ruleRules = [
  {
    message: "RequestRedirect filter must not be used together with backendRefs",
    check: (self: RouteRule) =>
      (self.backendRefs?.length ?? 0) === 0 || (self.filters ?? []).every((f) => f.requestRedirect === undefined),
  },
  ofRule(
    "When using RequestRedirect filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified",
    "requestRedirect",
  ),
  ofRule(
    "When using URLRewrite filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified",
    "urlRewrite",
  ),
  ofBackends(
    "Within backendRefs, when using RequestRedirect filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified",
    "requestRedirect",
  ),
  ofBackends(
    "Within backendRefs, When using URLRewrite filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified",
    "urlRewrite",
  ),
];

/** What rules of HTTP and gRPC have in common. */
interface NamedRule {
  readonly name?: string | undefined;
  readonly matches?: readonly unknown[] | undefined;
}

export const rulesRules = [
  {
    message:
      "While 16 rules and 64 matches per rule are allowed, the total number of matches across all rules in a route must be less than 128",
    check: (self: readonly NamedRule[]) =>
      self.slice(0, 16).reduce((sum, rule) => sum + (rule.matches?.length ?? 0), 0) <= 128,
  },
  {
    message: "Rule name must be unique within the route",
    check: (self: readonly NamedRule[]) =>
      allDistinct(
        self.filter((rule) => rule.name !== undefined),
        (rule) => rule.name ?? "",
      ),
  },
];

const parentKey = (p: Parent) => JSON.stringify([p.group, p.kind, p.name, p.namespace ?? ""]);
const sectionKey = (p: Parent) => JSON.stringify([p.sectionName ?? "", p.port ?? 0]);

export const parentRules = [
  {
    message: "sectionName or port must be specified when parentRefs includes 2 or more references to the same parent",
    check: (self: readonly Parent[]) =>
      self.every((a) =>
        self.every((b) => parentKey(a) !== parentKey(b) || (!a.sectionName === !b.sectionName && !a.port === !b.port)),
      ),
  },
  {
    message: "sectionName or port must be unique when parentRefs includes 2 or more references to the same parent",
    check: (self: readonly Parent[]) => allDistinct(self, (p) => parentKey(p) + sectionKey(p)),
  },
];
