/** Resources of paths of resilience and places against the API's own admission and the control plane's translation. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admit } from "../../mesh-runtime/api/admission.ts";
import { type KubeObject, parseApiVersion } from "../../mesh-runtime/api/meta.ts";
import { kindByGvk } from "../../mesh-runtime/api/registry.ts";
import type { WantedCondition } from "../../mesh-runtime/control-plane/translate/conditions.ts";
import { translate } from "../../mesh-runtime/control-plane/translate/translate.ts";
import { facts } from "../../mesh-runtime/control-plane/translate/world.suite.ts";
import { candidatesOf } from "../../mesh-runtime/l7/plan/routes/candidate.ts";
import { RouteTable } from "../../mesh-runtime/l7/plan/routes/route-table.ts";
import type { L7Route } from "../../mesh-runtime/xds/proxy-config.ts";
import type { PathSlug } from "../../server/contracts/golden-paths/slug.ts";
import { intentsOfCluster } from "../../server/golden-paths/from-manifest.ts";
import { noTraffic } from "../../server/golden-paths/insight.ts";
import { changeIntents, type Intent, intentSet, isServiceIntent } from "../../server/golden-paths/intent.ts";
import { isWholeOurs } from "../../server/golden-paths/owned-part.ts";
import { fillIn, goldenPath } from "../../server/golden-paths/registry.ts";
import { render } from "../../server/golden-paths/render.ts";
import { canonical, type Rendered } from "../../server/golden-paths/resource.ts";
import { planRoutes } from "../../server/golden-paths/service-routes/plan-routes.ts";
import { renderHttpRoutes } from "../../server/golden-paths/service-routes/render-http-route.ts";
import { renderVirtualService } from "../../server/golden-paths/service-routes/render-virtual-service.ts";
import type { RoutePlan } from "../../server/golden-paths/service-routes/route-plan.ts";
import { splitRules } from "../../server/golden-paths/service-routes/split-rules.ts";
import { clusterObjects, inventoryOf, type KubeLike, worldOf } from "./cluster.ts";
import { anyIntent, oddIntent, routingIntent } from "./intents.ts";

const inventory = inventoryOf(clusterObjects);
const rendered = (intents: readonly Intent[]): Rendered[] => [...render(intentSet(intents), inventory).values()];

/** As server-side apply leaves the object of somebody else: the part is in it. */
function applied(part: Rendered): KubeLike {
  const live = clusterObjects.find(
    ({ kind, metadata }) =>
      kind === part.kind && metadata.name === part.metadata.name && metadata.namespace === part.metadata.namespace,
  );
  if (live === undefined || isWholeOurs(part)) {
    return part as KubeLike;
  }
  return {
    ...live,
    metadata: {
      ...live.metadata,
      labels: { ...live.metadata.labels, ...part.metadata.labels },
      annotations: { ...live.metadata.annotations, ...part.metadata.annotations },
    },
    spec: { ...(live.spec as object), ...(part.spec as object | undefined) },
  };
}

function admitted(part: Rendered) {
  const object = applied(part);
  const version = parseApiVersion(object.apiVersion);
  const kind = version === undefined ? undefined : kindByGvk({ ...version, kind: object.kind });
  if (kind === undefined) {
    throw new Error(`no kind ${object.kind}`);
  }
  return admit({
    kind,
    operation: "create",
    object,
    namespace: object.metadata.namespace ?? "",
    fieldValidation: "Strict",
  });
}

/** Conditions that say no, of everything that was rendered: `Kind namespace/name: reason message`. */
function complaints(resources: readonly Rendered[]): string[] {
  const ours = resources.map(applied);
  const names = new Set(ours.map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`));
  const others = clusterObjects.filter(
    ({ kind, metadata }) => !names.has(`${kind}/${metadata.namespace}/${metadata.name}`),
  );
  const translation = translate(worldOf([...others, ...ours]), facts);
  const say = (key: string, conditions: readonly (WantedCondition | undefined)[]): string[] =>
    conditions.flatMap((one) =>
      one === undefined || (one.status !== "False" && one.reason !== "NoCatchAll")
        ? []
        : [`${key}: ${one.reason} ${one.message}`],
    );
  return [
    ...translation.routes.flatMap(({ meshRoute: { key }, parents }) =>
      say(key, [...parents.flatMap(({ conditions }) => conditions), ...translation.routeEffects(key)]),
    ),
    ...Object.entries<ReadonlyMap<string, readonly WantedCondition[]>>({ ...translation.effects }).flatMap(
      ([what, effects]) => [...effects].flatMap(([key, conditions]) => say(`${what}/${key}`, conditions)),
    ),
    ...["shop/history", "shop/orders"].flatMap((key) => say(key, [translation.closed(key)])),
  ];
}

describe("any combination of intents on several services", () => {
  test("renders to resources that the API takes as they are, without a warning and without anything to fill in", () => {
    void fc.assert(
      fc.property(fc.array(anyIntent, { maxLength: 14 }), (intents) => {
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
        const live = rendered(intents).map((part): KubeObject => {
          const fieldsV1 = { "f:metadata": { "f:annotations": { "f:towpath.dev/intent": {} } } };
          const { metadata, ...object } = applied(part);
          const managedFields = [{ manager: "towpath", operation: "Apply" as const, fieldsV1 }];
          return { ...object, metadata: { ...metadata, managedFields } };
        });
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
    header: fc.constantFrom(undefined, "true", "false"),
    canary: fc.constantFrom(undefined, "true"),
  });

  /** With what a release adds: a header and weights decide between versions, and headers are changed. */
  const released = (plan: RoutePlan): RoutePlan => {
    const version = (name: string, weight: number) => ({
      service: { namespace: "shop", name: `history-${name}` },
      port: undefined,
      weight,
    });
    const rules = plan.rules.map((rule) => ({
      ...rule,
      destinations: [version("v1", 90), version("v2", 10)],
      requestHeaders: { set: [{ name: "x-release", value: "1" }], add: [{ name: "x-b", value: "2" }], remove: ["x-c"] },
      responseHeaders: { remove: ["server"] },
    }));
    const toNew = {
      name: "canary",
      when: { headers: [{ name: "x-canary", value: "true" }] },
      change: () => ({ destinations: [version("v2", 1)] }),
    };
    return { ...plan, rules: splitRules(rules, [toNew]) };
  };

  test("takes every request by the same rule, with the same times and retries", () => {
    void fc.assert(
      fc.property(fc.array(routingIntent, { minLength: 1, maxLength: 6 }), fc.array(request), (intents, requests) => {
        const mine = intents.map((one): Intent => ({ ...one, service: history }) as Intent);
        const plan = planRoutes({ service: history, intents: [...intentSet(mine).values()].filter(isServiceIntent) });
        if (plan === undefined || plan.rules.length > 8) {
          return;
        }
        const known = released({ ...plan, rules: plan.rules.map((rule) => ({ ...rule, fault: undefined })) });
        const tables = [renderHttpRoutes(known, [8080]), [renderVirtualService(known)]].map(
          (parts) => new RouteTable(candidatesOf(routesAt(parts), (rule) => rule)),
        );
        for (const { method, path, header, canary } of requests) {
          const [one, other] = tables.map(
            (table) =>
              table.match({
                method,
                path,
                query: "",
                authority: "history.shop:8080",
                scheme: "http",
                port: 8080,
                sourceNamespace: "plain",
                header: (name) => (name === "x-fault" ? header : name === "x-canary" ? canary : undefined),
              })?.rule,
          );
          const shown = (rule: typeof one) => ({
            name: rule?.name,
            timeouts: rule?.timeouts,
            retry: rule?.retry && {
              ...rule.retry,
              statusCodes: [],
              on: rule.retry.attempts === 0 ? [] : rule.retry.on,
            },
            backends: rule?.backends.map(({ cluster, weight }) => [cluster, weight]),
            filters: rule?.filters,
          });
          expect(one?.name).toBeDefined();
          expect(shown(one)).toEqual(shown(other));
        }
      }),
      { numRuns: 200 },
    );
  });
});
