/** All routing intents of one service as one plan. Pure. */
import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { IntentOf, ServiceIntent } from "../intent.ts";
import type { ServiceIntents } from "../service-intents.ts";
import {
  passOn,
  type RouteAction,
  type RouteFault,
  type RouteMirror,
  type RoutePlan,
  type RouteRule,
} from "./route-plan.ts";
import { versionServiceName } from "./service-host.ts";
import { type RouteCase, splitRules, trimPath } from "./split-rules.ts";

/** Methods that may be repeated without harm (RFC 9110 §9.2.2). */
export const safeMethods = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] as const;

type RoutingIntent = IntentOf<"retries" | "timeouts" | "mirror-traffic" | "test-with-faults">;
const isRouting = (intent: ServiceIntent): intent is RoutingIntent =>
  ["retries", "timeouts", "mirror-traffic", "test-with-faults"].includes(intent.slug);

/** How requests to a service are routed, by the intents in force for it; undefined when no intent says anything about it. */
export function planRoutes({ service, intents }: ServiceIntents): RoutePlan | undefined {
  const routing = intents.filter(isRouting);
  if (routing.length === 0) {
    return undefined;
  }
  const find = <S extends RoutingIntent["slug"]>(slug: S): IntentOf<S> | undefined =>
    routing.find((one): one is IntentOf<S> & RoutingIntent => one.slug === slug);
  const steps = [
    mirrored(find("mirror-traffic")),
    timed(find("timeouts")),
    retried(find("retries")),
    faulty(find("test-with-faults")),
  ];
  const rules = steps.reduce<RouteRule[]>((before, step) => step(before), [passOn(service)]);
  return { service, rules, intents: routing };
}

type Step = (rules: readonly RouteRule[]) => RouteRule[];

const everyRule = (rules: readonly RouteRule[], change: Partial<RouteAction>): RouteRule[] =>
  rules.map((rule) => ({ ...rule, ...change }));

const mirrored =
  (intent: IntentOf<"mirror-traffic"> | undefined): Step =>
  (rules) =>
    intent === undefined ? [...rules] : everyRule(rules, { mirrors: [mirrorOf(intent)] });

export function mirrorOf({ service, to, percent }: IntentOf<"mirror-traffic">): RouteMirror {
  return to.kind === "service"
    ? { service: to.service, port: to.port, percent }
    : {
        service: { namespace: service.namespace, name: versionServiceName(service, to.version) },
        port: undefined,
        percent,
      };
}

/** Zero is no limit of time. */
const some = (duration: string): string | undefined => (durationMs(duration) === 0 ? undefined : duration);

/** Times of single paths, the longest path first, each path once. `/` is everything. */
export function pathTimeouts({ paths }: Pick<IntentOf<"timeouts">, "paths">): { path: string; request: string }[] {
  const first = new Map<string, string>();
  for (const { path, request } of paths) {
    const trimmed = trimPath(path);
    if (!first.has(trimmed)) {
      first.set(trimmed, request);
    }
  }
  return [...first]
    .map(([path, request]) => ({ path, request }))
    .sort((one, other) => other.path.length - one.path.length || (one.path < other.path ? -1 : 1));
}

const timed =
  (intent: IntentOf<"timeouts"> | undefined): Step =>
  (rules) => {
    if (intent === undefined) {
      return [...rules];
    }
    const all = pathTimeouts(intent);
    const rest = all.find(({ path }) => path === "/")?.request ?? intent.request;
    const cases = all
      .filter(({ path }) => path !== "/")
      .map(
        ({ path, request }, index): RouteCase => ({
          name: `path-${index + 1}`,
          when: { pathPrefix: path },
          change: () => ({ timeout: some(request) }),
        }),
      );
    return splitRules(everyRule(rules, { timeout: some(rest) }), cases);
  };

const retried =
  (intent: IntentOf<"retries"> | undefined): Step =>
  (rules) => {
    if (intent === undefined) {
      return [...rules];
    }
    const retry = {
      attempts: intent.attempts,
      codes: [...new Set(intent.codes)].sort((one, other) => one - other),
      backoff: intent.backoff,
      perTry: intent.perTry === null ? undefined : some(intent.perTry),
    };
    return intent.safeOnly && intent.attempts > 0
      ? splitRules(everyRule(rules, { retry: { ...retry, attempts: 0 } }), [
          { name: "safe", when: { methods: safeMethods }, change: () => ({ retry }) },
        ])
      : everyRule(rules, { retry });
  };

const faulty =
  (intent: IntentOf<"test-with-faults"> | undefined): Step =>
  (rules) => {
    if (intent === undefined) {
      return [...rules];
    }
    const fault: RouteFault = { delay: intent.delay ?? undefined, abort: intent.abort ?? undefined };
    const { onlyWith } = intent;
    return onlyWith === null
      ? everyRule(rules, { fault })
      : splitRules(rules, [
          {
            name: "faulty",
            when: { headers: [{ name: onlyWith.header, value: onlyWith.value }] },
            change: () => ({ fault }),
          },
        ]);
  };
