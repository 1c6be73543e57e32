/** Resources of paths of resilience and places against the API's own admission and the control plane's translation. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { translate } from "../../mesh-runtime/control-plane/translate/translate.ts";
import { facts } from "../../mesh-runtime/control-plane/translate/world.suite.ts";
import { candidatesOf } from "../../mesh-runtime/l7/plan/routes/candidate.ts";
import { RouteTable } from "../../mesh-runtime/l7/plan/routes/route-table.ts";
import type { L7Route, L7RouteRule } from "../../mesh-runtime/xds/proxy-config.ts";
import type { PathSlug } from "../../server/contracts/golden-paths/slug.ts";
import { intentsOfCluster } from "../../server/golden-paths/from-manifest.ts";
import { noTraffic } from "../../server/golden-paths/insight.ts";
import { changeIntents, type Intent, intentSet, isServiceIntent } from "../../server/golden-paths/intent.ts";
import { isWholeOurs } from "../../server/golden-paths/owned-part.ts";
import { fillIn, goldenPath } from "../../server/golden-paths/registry.ts";
import { render } from "../../server/golden-paths/render.ts";
import { canonical, type Rendered } from "../../server/golden-paths/resource.ts";
import { planRoutes } from "../../server/golden-paths/service-routes/plan-routes.ts";
import { matchesOf, renderHttpRoutes } from "../../server/golden-paths/service-routes/render-http-route.ts";
import { renderVirtualService } from "../../server/golden-paths/service-routes/render-virtual-service.ts";
import { matchesMax, type RoutePlan, rulesMax } from "../../server/golden-paths/service-routes/route-plan.ts";
import { admitted, applied, complaints, haveRoom, inventory, rendered, stored } from "./checks.ts";
import { clusterObjects, worldOf } from "./cluster.ts";
import { anyIntent, oddIntent, releaseIntent, routingIntent } from "./intents.ts";
import { wantedShare } from "./wanted-share.ts";

describe("any combination of intents on several services", () => {
  test("renders to resources that the API takes as they are, without a warning and without anything to fill in", () => {
    void fc.assert(
      fc.property(fc.array(anyIntent, { maxLength: 14 }), (intents) => {
        fc.pre(haveRoom(intents));
        for (const part of rendered(intents)) {
          const result = admitted(part);
          expect(result, JSON.stringify(part)).toMatchObject({ ok: true, warnings: [] });
          if (result.ok && isWholeOurs(part) && part.kind !== "Service") {
            expect(canonical((result.object as { spec?: unknown }).spec)).toBe(canonical(part.spec));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test("acts at the control plane as written; without a waypoint, and only there, that is what is missing", () => {
    void fc.assert(
      fc.property(fc.array(anyIntent, { maxLength: 14 }), (intents) => {
        fc.pre(haveRoom(intents));
        const found = complaints(rendered(intents));
        expect(found.filter((one) => !/\bplain\/.*NoWaypoint/.test(one))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("parses back to the same intents", () => {
    void fc.assert(
      fc.property(fc.array(anyIntent, { maxLength: 14 }), (intents) => {
        const set = intentSet(intents);
        const live = rendered(intents).map(stored);
        const sorted = (all: Iterable<readonly [string, Intent]>) => [...all].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted(intentsOfCluster(live))).toEqual(sorted(set));
      }),
      { numRuns: 150 },
    );
  });

  test("never renders both kinds of routes for one service", () => {
    void fc.assert(
      fc.property(fc.array(anyIntent, { maxLength: 14 }), (intents) => {
        const kinds = Map.groupBy(
          rendered(intents).filter(({ kind }) => kind === "HTTPRoute" || kind === "VirtualService"),
          ({ metadata }) => `${metadata.namespace}/${metadata.name.replace(/-\d+$/, "")}`,
        );
        expect([...kinds].filter(([, routes]) => new Set(routes.map(({ kind }) => kind)).size > 1)).toEqual([]);
      }),
    );
  });
});

test("what no finding refuses is taken by the API and acts, odd as it may be", () => {
  let applied = 0;
  let refused = 0;
  void fc.assert(
    fc.property(fc.array(fc.oneof(oddIntent, anyIntent), { maxLength: 8 }), (intents) => {
      let current = intentSet([]);
      for (const one of intents) {
        const context = { inventory, current, traffic: noTraffic, nowUnixMs: Date.UTC(2026, 10, 22) };
        const slug = one.slug as PathSlug;
        const { findings, plan } = fillIn(slug, goldenPath(slug).refill(one, context)?.values as never, context);
        if (findings.some(({ level }) => level === "error")) {
          refused += 1;
          continue;
        }
        applied += 1;
        current = changeIntents(
          current,
          plan.changes.filter(({ after }) => after?.slug === slug),
        );
      }
      const resources = [...render(current, inventory).values()];
      for (const part of resources) {
        expect(admitted(part), JSON.stringify(part)).toMatchObject({ ok: true });
      }
      expect(complaints(resources).filter((one) => !/\bplain\/.*NoWaypoint/.test(one))).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect(Math.min(applied, refused)).toBeGreaterThan(50);
});

describe("one plan as HTTPRoute and as VirtualService", () => {
  const history = { namespace: "shop", name: "history" };
  const versions = ["v1", "v2"].map((version) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: "shop", name: `history-${version}` },
    spec: { selector: { app: "history", version }, ports: [{ name: "http", port: 8080 }] },
  }));
  const routesAt = (parts: readonly Rendered[]): readonly L7Route[] => {
    const { proxyConfigs } = translate(worldOf([...clusterObjects, ...versions, ...parts.map(applied)]), facts);
    const service = proxyConfigs
      .get("shop/waypoint")
      ?.config.services.find(({ service: key }) => key === "shop/history.shop.svc.cluster.local");
    return service?.ports[0]?.routes ?? [];
  };
  const request = fc.record({
    method: fc.constantFrom("GET", "PUT", "POST", "PATCH"),
    path: fc.constantFrom("/", "/api", "/api/", "/apis", "/api/users", "/api/users/1", "/get", "/get/x", "/x.y~z"),
    headers: fc.record({
      "x-fault": fc.constantFrom(undefined, "true", "false"),
      "x-canary": fc.constantFrom(undefined, "true", "maybe"),
      cookie: fc.constantFrom(
        undefined,
        "kept=v2",
        "kept=v1.0",
        "session=1; kept=v1.1",
        "kept=v2.0; a.b=v1",
        "a.b=v1.0;beta=yes",
        "axb=1+(2); xbeta=yes",
        "a.b=1+(2)",
        "beta=yes2; unkept=v2",
      ),
    }),
    caller: fc.constantFrom(undefined, "shop/orders", "shop/orders2", "xshop/orders"),
  });

  /** What paths do not ask for, and the plan can say: headers that are changed. */
  const edited = (plan: RoutePlan): RoutePlan => ({
    ...plan,
    rules: plan.rules.map((rule) => ({
      ...rule,
      fault: undefined,
      requestHeaders: { set: [{ name: "x-release", value: "1" }], add: [{ name: "x-b", value: "2" }], remove: ["x-c"] },
      responseHeaders: { remove: ["server"] },
    })),
  });
  const planOf = (intents: readonly Intent[]): RoutePlan | undefined => {
    const plan = planRoutes({ service: history, intents: [...intentSet(intents).values()].filter(isServiceIntent) });
    const matches = plan?.rules.reduce((sum, rule) => sum + matchesOf(rule).length, 0) ?? 0;
    return plan !== undefined && plan.rules.length <= rulesMax && matches <= matchesMax ? edited(plan) : undefined;
  };
  /** Faults are never an HTTPRoute: one for the very header of a release would come after fewer headers there. */
  const areBoth = (intents: readonly Intent[]): boolean => {
    const matched = intents.flatMap((one) =>
      one.slug === "release-a-version" ? one.match.flatMap((match) => (match.by === "header" ? [match.name] : [])) : [],
    );
    return !intents.some(
      (one) => one.slug === "test-with-faults" && one.onlyWith !== null && matched.includes(one.onlyWith.header),
    );
  };
  const tablesOf = (plan: RoutePlan) =>
    [[renderVirtualService(plan)], ...(areBoth(plan.intents) ? [renderHttpRoutes(plan, [8080])] : [])].map(
      (parts) => new RouteTable(candidatesOf(routesAt(parts), (rule) => rule)),
    );
  const asked = ({ method, path, headers, caller }: Asked) => {
    const all: Readonly<Record<string, string | undefined>> = {
      ...headers,
      ...(caller === undefined
        ? {}
        : {
            "x-forwarded-client-cert": `By=spiffe://cluster.local/ns/shop/sa/waypoint;URI=spiffe://cluster.local/ns/${caller.replace("/", "/sa/")}`,
          }),
    };
    return {
      method,
      path,
      query: "",
      authority: "history.shop:8080",
      scheme: "http" as const,
      port: 8080,
      sourceNamespace: "plain",
      header: (name: string) => all[name],
    };
  };
  const some = fc.array(routingIntent, { minLength: 1, maxLength: 6 });
  const mine = (intents: readonly Intent[]) => intents.map((one): Intent => ({ ...one, service: history }) as Intent);

  test("takes every request by the same rule, with the same times and retries", () => {
    let compared = 0;
    void fc.assert(
      fc.property(some, fc.array(request), (intents, requests) => {
        const plan = planOf(mine(intents));
        if (plan === undefined || !areBoth(plan.intents)) {
          return;
        }
        const tables = tablesOf(plan);
        for (const one of requests) {
          const [first, second] = tables.map((table) => table.match(asked(one))?.rule);
          const shown = (rule: typeof first) => ({
            name: rule?.name,
            timeouts: rule?.timeouts,
            retry: rule?.retry && {
              ...rule.retry,
              statusCodes: [],
              on: rule.retry.attempts === 0 ? [] : rule.retry.on,
            },
            backends: backendsOf(rule),
            filters: rule?.filters,
          });
          expect(first?.name).toBeDefined();
          expect(shown(first)).toEqual(shown(second));
          compared += 1;
        }
      }),
      { numRuns: 200 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  test("gives each request to the versions that its release says, whatever else holds for the service", () => {
    const seen = new Set<number>();
    void fc.assert(
      fc.property(releaseIntent, some, fc.array(request, { minLength: 8 }), (release, intents, requests) => {
        const plan = planOf(mine([...intents, release]));
        if (plan === undefined || release.slug !== "release-a-version") {
          return;
        }
        for (const table of tablesOf(plan)) {
          for (const one of requests) {
            const rule = table.match(asked(one))?.rule;
            const wanted = wantedShare(release, one);
            const all = backendsOf(rule) ?? [];
            const total = all.reduce((sum, { weight }) => sum + weight, 0);
            const share = (version: string) =>
              all
                .filter(({ cluster }) => cluster.includes(`/history-${version}.`))
                .reduce((sum, { weight }) => sum + weight / total, 0);
            expect(total).toBeGreaterThan(0);
            expect(share(release.canary ?? "none")).toBeCloseTo(wanted.canary, 6);
            expect(share(release.stable)).toBeCloseTo(1 - wanted.canary, 6);
            expect(all.every(({ filters }) => filters.length === (wanted.cookie ? 1 : 0))).toBe(true);
            seen.add(wanted.canary);
          }
        }
      }),
      { numRuns: 200 },
    );
    expect(seen.size).toBeGreaterThan(4);
  });
});

type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly caller: string | undefined;
};

const backendsOf = (rule: L7RouteRule | undefined) =>
  rule?.backends.map(({ cluster, weight, filters }) => ({
    cluster,
    weight: rule.backends.length === 1 ? 1 : weight,
    filters,
  }));
