import { describe, expect, test } from "vitest";
import {
  codesOf,
  fillHistory,
  history,
  historyInventory,
  httpbin,
  intentFor,
  type Situation,
  seen,
} from "../service-routes/sample-service.suite.ts";

const web = { namespace: "web-api", name: "web-api" };
const version = (name: string) => ({ to: { kind: "version", version: name } });
const service = (of: { namespace: string; name: string }, port: number) => ({
  to: { kind: "service", service: of, port },
});
const effects = "info side-effects to";

const guarded: Situation = {
  inventory: historyInventory({
    authorizationPolicies: [
      {
        metadata: { namespace: "default", name: "httpbin-callers" },
        spec: {
          selector: { matchLabels: { app: "httpbin" } },
          rules: [{ from: [{ source: { serviceAccounts: ["web-api/web-api"] } }] }],
        },
      },
    ],
  }),
};
const letIn: Situation = {
  inventory: historyInventory({
    authorizationPolicies: [
      {
        metadata: { namespace: "default", name: "httpbin-callers" },
        spec: {
          selector: { matchLabels: { app: "httpbin" } },
          rules: [{ from: [{ source: { serviceAccounts: ["purchase-history/waypoint"] } }] }],
        },
      },
    ],
  }),
};

describe("mirror", () => {
  test.each<[string, Record<string, unknown>, Situation, string[]]>([
    ["to a version", version("v2"), {}, [effects]],
    ["to another service", service(httpbin, 8000), {}, [effects]],
    ["to a version that nobody runs", version("v3"), {}, ["warning backend-without-pods to.version", effects]],
    [
      "to a service that is not there",
      service({ namespace: "default", name: "nosuch" }, 80),
      {},
      ["error backend-missing to.service", effects],
    ],
    ["to a port that is not there", service(httpbin, 81), {}, ["error backend-missing to.port", effects]],
    ["to itself", service(history, 8080), {}, ["error side-effects to.service", effects]],
    [
      "writes were seen",
      version("v2"),
      { traffic: seen([{ from: web, to: history }], { "GET /": {}, "POST /orders": {} }) },
      ["warning side-effects to"],
    ],
    [
      "the target does not let the waypoint in",
      service(httpbin, 8000),
      guarded,
      [effects, "warning waypoint-cut-off to.service"],
    ],
    ["the target lets the waypoint in", service(httpbin, 8000), letIn, [effects]],
    [
      "a share of too few",
      { ...version("v2"), percent: 1 },
      { traffic: seen([{ from: web, to: history, requests: 99 }]) },
      [effects, "info percent-does-nothing percent"],
    ],
    [
      "a share of enough",
      { ...version("v2"), percent: 1 },
      { traffic: seen([{ from: web, to: history, requests: 100 }]) },
      [effects],
    ],
  ])("%s", (_what, values, situation, expected) => {
    expect(codesOf(fillHistory("mirror-traffic", values, situation))).toEqual(expected);
  });

  test("a Service of that name which is somebody else's is not taken over, but offered", () => {
    const sample = historyInventory();
    const taken = {
      metadata: { namespace: "purchase-history", name: "purchase-history-v2" },
      spec: { ports: [{ port: 8080 }] },
    };
    const objects = { ...sample.objects, services: [...sample.objects.services, taken as never] };
    const filled = fillHistory("mirror-traffic", version("v2"), { inventory: { ...sample, objects } });
    expect(codesOf(filled)).toContain("error host-taken to.version");
    expect(filled.findings[0]?.repair?.values).toEqual({
      to: { kind: "service", service: { namespace: "purchase-history", name: "purchase-history-v2" }, port: 8080 },
    });
  });

  test("the waypoint is let in by the path that lets callers in", () => {
    const { findings } = fillHistory("mirror-traffic", service(httpbin, 8000), guarded);
    expect(findings.at(-1)?.path).toMatchObject({
      slug: "let-a-caller-in",
      values: {
        callers: [{ kind: "identity", namespace: "purchase-history", serviceAccount: "waypoint" }],
        ports: [8000],
      },
    });
  });

  test("whoever gets the copies decides too", () => {
    expect(fillHistory("mirror-traffic", service(httpbin, 8000)).plan.namespaces).toEqual([
      "default",
      "purchase-history",
    ]);
    const off = fillHistory("mirror-traffic", { ...service(httpbin, 8000), enabled: false });
    expect(off.plan.namespaces).toEqual(["purchase-history"]);
  });

  test("copies of what is kept in a region may leave it", () => {
    const filled = fillHistory(
      "keep-in-region",
      {},
      { intents: [intentFor("mirror-traffic", service(httpbin, 8000))] },
    );
    expect(filled.findings.find(({ code }) => code === "side-effects")?.path?.values).toMatchObject({
      service: httpbin,
    });
  });
});
