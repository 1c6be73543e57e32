import { describe, expect, test } from "vitest";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { noTraffic } from "../insight.ts";
import { intentSet } from "../intent.ts";
import { goldenPath, refillAll } from "../registry.ts";
import {
  codesOf,
  fillHistory,
  history,
  historyInventory,
  httpbin,
  intentFor,
  nowUnixMs,
  type Situation,
  seen,
} from "./sample-service.suite.ts";

const timeout = { request: "1s" };
const key = "timeouts/purchase-history/purchase-history";
const elsewhere: Situation = { inventory: historyInventory({ waypoint: "default" }) };

const withPorts = (ports: readonly object[]): Situation => {
  const sample = historyInventory();
  const services = sample.objects.services.map((service) =>
    service.metadata?.name === "purchase-history" ? { ...service, spec: { ...service.spec, ports } } : service,
  );
  return { inventory: { ...sample, objects: { ...sample.objects, services } } as Inventory };
};

describe("a service", () => {
  test.each<[string, Record<string, unknown>, Situation, string[]]>([
    ["that is there, in the mesh and behind a waypoint", {}, {}, []],
    ["that is not there", { service: { namespace: "default", name: "nosuch" } }, {}, ["error unknown-service service"]],
    [
      "that is a waypoint",
      { service: { namespace: "purchase-history", name: "waypoint" } },
      {},
      ["error unknown-service service"],
    ],
    ["without a waypoint gets one", {}, elsewhere, ["info waypoint-missing service"]],
    [
      "that is not in the mesh",
      {},
      { inventory: historyInventory({ enrolled: ["default"] }) },
      ["warning service-not-enrolled service"],
    ],
    [
      "that speaks no HTTP",
      {},
      withPorts([{ name: "tcp", port: 8080, targetPort: 8080 }]),
      ["error rule-without-effect service"],
    ],
    [
      "of which one port speaks HTTP",
      {},
      withPorts([
        { name: "tcp-a", port: 1 },
        { name: "web", port: 2 },
      ]),
      [],
    ],
  ])("%s", (_what, values, situation, expected) => {
    expect(codesOf(fillHistory("timeouts", { ...timeout, ...values }, situation))).toEqual(expected);
  });

  test("of one version is no place for rules of its own", () => {
    const sample = historyInventory();
    const name = "purchase-history-v2";
    const [version] = sample.services.filter((service) => service.name === "purchase-history");
    const services = [...sample.services, ...(version === undefined ? [] : [{ ...version, name }])];
    const mirror = intentFor("mirror-traffic", { to: { kind: "version", version: "v2" } });
    const filled = fillHistory(
      "timeouts",
      { ...timeout, service: { namespace: "purchase-history", name } },
      { inventory: { ...sample, services }, intents: [mirror] },
    );
    expect(codesOf(filled)).toEqual(["error managed-elsewhere service"]);
    expect(filled.findings[0]?.repair?.values).toEqual({ service: history });
  });

  test("of gRPC alone repeats nothing when only safe methods are repeated", () => {
    const grpc = withPorts([{ name: "grpc", port: 9000, targetPort: 9000 }]);
    expect(codesOf(fillHistory("retries", {}, grpc))).toEqual(["warning rule-without-effect safeOnly"]);
    expect(codesOf(fillHistory("retries", { safeOnly: false }, grpc))).toEqual([]);
  });

  test("gets its waypoint in the same change, and none when the rule is taken back", () => {
    const keys = (values: object, situation: Situation) =>
      fillHistory("timeouts", { ...timeout, ...values }, situation).plan.changes.map((change) => change.key);
    expect(keys({}, elsewhere)).toEqual(["give-a-waypoint/purchase-history", key]);
    expect(keys({}, {})).toEqual([key]);
    expect(keys({ enabled: false }, elsewhere)).toEqual([key]);
  });

  test("that is gone does not keep its rule from being taken back", () => {
    const gone = { namespace: "purchase-history", name: "gone" };
    const filled = fillHistory(
      "timeouts",
      { ...timeout, service: gone, enabled: false },
      {
        intents: [intentFor("timeouts", timeout, gone)],
      },
    );
    expect([codesOf(filled), filled.plan.changes[0]?.after]).toEqual([[], undefined]);
  });
});

const web = { namespace: "web-api", name: "web-api" };
const traffic = seen([{ from: web, to: history }], {
  "POST /x": {},
  "GET /items/{id}": {},
  "GET /bad": { errors: 1 },
  "GET /ok": {},
});
const fromWeb = { source: { kind: "workload", namespace: "web-api", workload: "web-api" }, method: "GET" };
const ok = { ...fromWeb, url: "http://purchase-history.purchase-history:8080/ok" };

describe("requests for proof", () => {
  test("are sent by somebody who calls the service anyway, on a path that answers", () => {
    expect(fillHistory("timeouts", timeout, { traffic }).probes).toEqual([
      { ...ok, headers: [], expect: { kind: "reaches" }, sentence: "as web-api: GET /ok" },
    ]);
  });

  test("are none without a caller in the mesh", () => {
    expect(fillHistory("timeouts", timeout, { traffic: noTraffic }).probes).toEqual([]);
    const inventory = historyInventory({ enrolled: ["purchase-history"] });
    expect(fillHistory("timeouts", timeout, { traffic, inventory }).probes).toEqual([]);
  });

  test("of a limit are none: they would use it up", () => {
    expect(fillHistory("rate-limit", { limits: [{ requests: 1 }] }, { traffic }).probes).toEqual([]);
  });

  test("of a sure fault expect it with the header, and nothing without", () => {
    const onlyWith = { header: "x-fault", value: "true" };
    const abort = { percent: 100, status: 418 };
    expect(fillHistory("test-with-faults", { abort, onlyWith }, { traffic }).probes).toMatchObject([
      { ...ok, headers: [{ name: "x-fault", value: "true" }], expect: { kind: "status", status: 418 } },
      { ...ok, headers: [], expect: { kind: "reaches" } },
    ]);
    expect(fillHistory("test-with-faults", { abort }, { traffic }).probes).toMatchObject([
      { ...ok, headers: [], expect: { kind: "status", status: 418 } },
    ]);
    const chance = { ...abort, percent: 50 };
    expect(fillHistory("test-with-faults", { abort: chance }, { traffic }).probes).toMatchObject([
      { expect: { kind: "reaches" } },
    ]);
  });
});

describe("what is in force", () => {
  const values = {
    retries: {},
    timeouts: { request: "5s", paths: [{ path: "/a", request: "1s" }] },
    "circuit-breaker": {},
    "rate-limit": { limits: [{ requests: 10 }] },
    "mirror-traffic": { to: { kind: "version", version: "v2" } },
    "test-with-faults": { abort: { percent: 10, status: 503 }, onlyWith: { header: "x-fault", value: "1" } },
    "prefer-the-zone": {},
    "keep-in-region": {},
  } as const;
  const slugs = Object.keys(values) as (keyof typeof values)[];
  const intents = slugs.map((slug) => intentFor(slug, values[slug]));
  const context = { inventory: historyInventory(), current: intentSet(intents), traffic: noTraffic, nowUnixMs };

  test("opens its form as it was filled in", () => {
    const refilled = refillAll(context);
    for (const [index, slug] of slugs.entries()) {
      const form = refilled.get(`${slug}/purchase-history/purchase-history`);
      expect(form?.slug).toBe(slug);
      const again = goldenPath(slug).plan(pathForms[slug].parse(form?.values) as never, context);
      expect(again.changes).toMatchObject([{ before: intents[index], after: intents[index] }]);
    }
    expect([...refilled.values()].map(({ summary }) => summary)).toEqual([
      "up to 3 retries on 502, 503 and 504, safe methods only",
      "ends after 5s, 1 path with a time of its own",
      "leaves pods out after 5 errors in a row",
      "10 requests in 1s for each caller",
      "100 % copied to version v2 of purchase-history",
      "answers 10 % with 503 with x-fault",
      "prefers the zone",
      "never leaves the region",
    ]);
  });

  test("says that it applies to both versions while a release shares the calls, and only then", () => {
    const told = (release: Readonly<Record<string, unknown>>): boolean =>
      fillHistory("retries", values.retries, { intents: [intentFor("release-a-version", release)] }).findings.some(
        ({ level, message }) =>
          level === "info" && message === "A release of v2 beside v1 runs: this applies to both versions.",
      );
    expect(told({ stable: "v1", canary: "v2", weight: 10 })).toBe(true);
    expect(told({ stable: "v1", canary: "v2", weight: 0 })).toBe(false);
    expect(told({ stable: "v2", canary: null, weight: 0 })).toBe(false);
  });

  test("is counted", () => {
    const more = { ...context, current: intentSet([...intents, intentFor("retries", {}, httpbin)]) };
    expect(slugs.map((slug) => goldenPath(slug).inUse(more))).toEqual([
      "2 services",
      ...slugs.slice(1).map(() => "1 service"),
    ]);
  });

  test("says what it does and what taking it back does", () => {
    for (const slug of slugs) {
      const on = fillHistory(slug, values[slug]);
      const off = fillHistory(slug, { ...values[slug], enabled: false });
      for (const text of [
        on.sentence,
        off.sentence,
        on.title,
        off.title,
        on.button({ callersCutOff: 0, changed: 1 }),
      ]) {
        expect(text).toContain("purchase-history");
      }
      expect(on.sentence).toMatch(/^[A-Z].*\.$/);
      expect(off.sentence).not.toBe(on.sentence);
      expect(off.title).not.toBe(on.title);
    }
  });
});
