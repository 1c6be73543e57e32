/** All routing intents of one service as one plan. Pure. */
import { durationMs } from "@/mesh-runtime/api/gateway-api/duration.ts";
import type { IntentOf, ServiceIntent } from "../intent.ts";
import type { ServiceIntents } from "../service-intents.ts";
import { shareOut, splitReleased } from "./released.ts";
import {
  passOn,
  type RouteAction,
  type RouteDestination,
  type RouteFault,
  type RouteMirror,
  type RoutePlan,
  type RouteRule,
} from "./route-plan.ts";
import { versionServiceName } from "./service-host.ts";
import { type RouteCase, splitRules, trimPath, withoutShadowed } from "./split-rules.ts";

/** Methods that may be repeated without harm (RFC 9110 §9.2.2). */
export const safeMethods = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] as const;

type RoutingIntent = IntentOf<"retries" | "timeouts" | "mirror-traffic" | "test-with-faults" | "release-a-version">;
const isRouting = (intent: ServiceIntent): intent is RoutingIntent =>
  ["retries", "timeouts", "mirror-traffic", "test-with-faults", "release-a-version"].includes(intent.slug);

/** How requests to a service are routed, by the intents in force for it; undefined when no intent says anything about it. */
export function planRoutes({ service, intents }: ServiceIntents): RoutePlan | undefined {
  const routing = intents.filter(isRouting);
  if (routing.length === 0) {
    return undefined;
  }
  const find = <S extends RoutingIntent["slug"]>(slug: S): IntentOf<S> | undefined =>
    routing.find((one): one is IntentOf<S> & RoutingIntent => one.slug === slug);
  const release = find("release-a-version");
  const steps = [
    shared(release),
    mirrored(find("mirror-traffic")),
    timed(find("timeouts")),
    retried(find("retries")),
    released(release),
    faulty(find("test-with-faults")),
  ];
  const rules = steps.reduce<RouteRule[]>((before, step) => step(before), [passOn(service)]);
  return { service, rules: withoutShadowed(rules).map(withoutCopiesToItself), intents: routing };
}

type Step = (rules: readonly RouteRule[]) => RouteRule[];

const everyRule = (rules: readonly RouteRule[], change: Partial<RouteAction>): RouteRule[] =>
  rules.map((rule) => ({ ...rule, ...change }));

const shared =
  (intent: IntentOf<"release-a-version"> | undefined): Step =>
  (rules) =>
    intent === undefined ? [...rules] : everyRule(rules, shareOut(intent));

const released =
  (intent: IntentOf<"release-a-version"> | undefined): Step =>
  (rules) =>
    intent === undefined ? [...rules] : splitReleased(rules, intent);

const mirrored =
  (intent: IntentOf<"mirror-traffic"> | undefined): Step =>
  (rules) =>
    intent === undefined
      ? [...rules]
      : rules.map((rule) => ({ ...rule, mirrors: joinMirrors(rule.mirrors, mirrorOf(intent)) }));

const sameHost = (one: RouteMirror, other: RouteDestination): boolean =>
  one.service.namespace === other.service.namespace && one.service.name === other.service.name;

/** Whoever gets copies for two reasons gets them once, of the greater share. */
function joinMirrors(mirrors: readonly RouteMirror[], added: RouteMirror): RouteMirror[] {
  const known = mirrors.find((mirror) => sameHost(mirror, added) && mirror.port === added.port);
  return known === undefined
    ? [...mirrors, added]
    : mirrors.map((mirror) =>
        mirror === known ? { ...mirror, percent: Math.max(mirror.percent, added.percent) } : mirror,
      );
}

/** A version that answers a call does not do it a second time as a copy. */
function withoutCopiesToItself(rule: RouteRule): RouteRule {
  const [only, ...more] = rule.destinations.filter(({ weight }) => weight > 0);
  const mirrors =
    only === undefined || more.length > 0
      ? rule.mirrors
      : rule.mirrors.filter((mirror) => !sameHost(mirror, only) || mirror.port !== only.port);
  return { ...rule, mirrors };
}

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
            when: { headers: [[{ name: onlyWith.header.toLowerCase(), value: onlyWith.value }]] },
            change: () => ({ fault }),
          },
        ]);
  };
