import { describe, expect, test } from "vitest";
import type { Inventory } from "@/server/inventory/model.ts";
import { type Intent, intentKey } from "../intent.ts";
import {
  codesOf,
  fillHistory,
  historyInventory,
  intentFor,
  type Situation,
  seen,
} from "../service-routes/sample-service.suite.ts";

const both = { stable: "v1", canary: "v2" };
const fill = (values: Readonly<Record<string, unknown>> = {}, situation: Situation = {}) =>
  fillHistory("release-a-version", { ...both, ...values }, situation);
const codes = (values: Readonly<Record<string, unknown>> = {}, situation: Situation = {}): string[] =>
  codesOf(fill(values, situation));
const base = historyInventory();

/** The service, and what the API server has of it, as told. */
function changed(
  service: (one: Inventory["services"][number]) => Inventory["services"][number],
  objects: (all: Inventory["objects"]) => Inventory["objects"] = (all) => all,
): Inventory {
  const services = base.services.map((one) => (one.name === "purchase-history" ? service(one) : one));
  return { ...base, services, objects: objects(base.objects) };
}
const withService = (name: string): Inventory =>
  changed(
    (one) => one,
    (all) => ({
      ...all,
      services: [
        ...all.services,
        { apiVersion: "v1", kind: "Service", metadata: { namespace: "purchase-history", name }, spec: { ports: [] } },
      ],
    }),
  );
const kubernetes: Inventory = { ...base, nodes: base.nodes.map((node) => ({ ...node, version: "v1.33.0" })) };
const caller = (namespace: string) => [{ by: "caller", namespace, serviceAccount: namespace }];
const gateway = { namespace: "istio-ingress", name: "ingress" };
const preview = { gateway, host: "v2.example.com" };

describe("findings", () => {
  test("a header on a service with two versions has nothing against it", () => {
    expect(codes({ match: [{ by: "header", name: "x-canary", value: "true" }] })).toEqual([]);
    expect(codes({ weight: 50 })).toEqual([]);
    expect(codes({ stable: "v2", canary: null })).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string, Situation?]>([
    ["a version beside itself", { canary: "v1" }, "error rule-without-effect canary"],
    ["a share for a version that does not run", { canary: "v9", weight: 1 }, "error backend-without-pods canary"],
    [
      "a header for a version that does not run",
      {
        canary: "v9",
        match: [{ by: "header", name: "x-canary", value: "1" }],
      },
      "warning backend-without-pods canary",
    ],
    ["a version that does not run and gets nothing", { canary: "v9" }, "info backend-without-pods canary"],
    ["all for a stable version that does not run", { stable: "v9" }, "error backend-without-pods stable"],
    ["a name that is too long", { canary: "x".repeat(60) }, "error out-of-range canary"],
    ["a name that is taken", {}, "error host-taken canary", { inventory: withService("purchase-history-v2") }],
    [
      "a service that selects one version alone",
      {},
      "error rule-without-effect canary",
      {
        inventory: changed((one) => ({ ...one, selector: { ...one.selector, version: "v1" } })),
      },
    ],
    [
      "a service without a selector",
      {},
      "error rule-without-effect service",
      {
        inventory: changed((one) => ({ ...one, selector: {} })),
      },
    ],
    [
      "pods that do not say their version by a label",
      {},
      "error backend-without-pods canary",
      {
        inventory: changed((one) => ({
          ...one,
          pods: one.pods.map((pod) => (pod.version === "v2" ? { ...pod, labels: { app: "purchase-history" } } : pod)),
        })),
      },
    ],
    [
      "pods outside of the mesh",
      {},
      "warning service-not-enrolled canary",
      {
        inventory: changed((one) => ({
          ...one,
          pods: one.pods.map((pod) => ({ ...pod, captured: pod.version !== "v2" })),
        })),
      },
    ],
    [
      "a header that proxies write",
      {
        match: [{ by: "header", name: "x-forwarded-client-cert", value: "a" }],
      },
      "error value-never-matches match.0.name",
    ],
    ["a caller that nobody runs as", { match: caller("nobody") }, "warning unknown-caller match.0"],
    [
      "a caller where proxies choose first",
      { match: caller("web-api") },
      "error not-on-this-target match.0",
      {
        inventory: kubernetes,
      },
    ],
    [
      "a share of too few calls",
      { weight: 0.01 },
      "info percent-does-nothing weight",
      {
        traffic: seen([
          {
            from: { namespace: "web-api", name: "web-api" },
            to: { namespace: "purchase-history", name: "purchase-history" },
            requests: 10,
          },
        ]),
      },
    ],
    ["callers that do not keep cookies", { weight: 5, sticky: {} }, "info condition-means-nothing sticky"],
    ["copies for a version that answers everything", { weight: 100, mirror: 5 }, "info percent-does-nothing mirror"],
    [
      "copies that go there already",
      { weight: 5 },
      "warning side-effects canary",
      {
        intents: [intentFor("mirror-traffic", { to: { kind: "version", version: "v2" } })],
      },
    ],
    [
      "copies for a version that answers everything by itself",
      { stable: "v2", canary: null },
      "info percent-does-nothing stable",
      { intents: [intentFor("mirror-traffic", { to: { kind: "version", version: "v2" } })] },
    ],
    [
      "copies for a version that answers everything beside one that gets nothing",
      { stable: "v2", canary: "v1", weight: 0 },
      "info percent-does-nothing stable",
      { intents: [intentFor("mirror-traffic", { to: { kind: "version", version: "v2" } })] },
    ],
    [
      "a region without the new version",
      { weight: 5 },
      "warning no-pods-in-region canary",
      {
        intents: [intentFor("keep-in-region")],
      },
    ],
    [
      "a gateway that is not there",
      {
        preview: { gateway: { namespace: "istio-ingress", name: "none" }, host: "v2.example.com" },
      },
      "error gateway-not-ready preview.gateway",
    ],
    [
      "a host that the stable version is served by",
      { preview: { gateway, host: "shop.example.com" } },
      "error host-taken preview.host",
      {
        intents: [intentFor("expose-to-the-outside", { gateway, host: "shop.example.com", port: 8080 })],
      },
    ],
  ])("%s", (_what, values, code, situation) => {
    expect(codes(values, situation)).toContain(code);
  });

  test("going back is never refused because of what runs", () => {
    const going = intentFor("release-a-version", { ...both, canary: "v9", weight: 50 });
    const gone: Situation = {
      intents: [going],
      inventory: changed((one) => ({ ...one, pods: one.pods.filter((pod) => pod.version !== "v1") })),
    };
    for (const values of [{ weight: 50 }, { weight: 10 }, { weight: 0 }, { canary: null }]) {
      const found = codes({ canary: "v9", ...values }, gone);
      expect(found).toContain("warning backend-without-pods stable");
      expect(found.filter((code) => code.startsWith("error"))).toEqual([]);
    }
    expect(codes({ canary: "v9", weight: 51 }, gone)).toContain("error backend-without-pods canary");
  });

  test("its own preview host is no host that somebody else serves", () => {
    const now = intentFor("release-a-version", { ...both, preview });
    expect(codes({ canary: "v2", weight: 5, preview }, { intents: [now] })).not.toContain(
      "error host-taken preview.host",
    );
  });
});

describe("what it changes", () => {
  const changesOf = (values: Readonly<Record<string, unknown>>, intents: readonly Intent[] = []) => {
    const { plan } = fill(values, { intents });
    return { keys: plan.changes.map(({ key }) => key), namespaces: plan.namespaces, changes: plan.changes };
  };
  const own = "release-a-version/purchase-history/purchase-history";
  const grant = intentFor("let-a-caller-in", {
    caller: { kind: "identity", namespace: "web-api", serviceAccount: "web-api" },
    ports: [8080],
    requests: [],
    until: null,
  });
  const locked: Intent = {
    slug: "lock-down",
    namespace: "istio-ingress",
    openGateways: [{ ...gateway, hosts: ["a.b"] }],
  };

  test("is the release alone, where its service has a waypoint", () => {
    expect(changesOf({ weight: 5 })).toMatchObject({ keys: [own], namespaces: ["purchase-history"] });
  });

  test("a preview opens the gateway for its host and lets the gateway in, once", () => {
    const first = changesOf({ preview }, [grant, locked]);
    expect(first.keys).toEqual([
      own,
      expect.stringMatching(/^let-a-caller-in\/purchase-history\/purchase-history\/istio-ingress\//),
      intentKey(locked),
    ]);
    expect(first.namespaces).toEqual(["istio-ingress", "purchase-history"]);
    const then = first.changes.flatMap(({ after }) => after ?? []);
    expect(then.find(({ slug }) => slug === "lock-down")).toMatchObject({
      openGateways: [{ hosts: ["a.b", "v2.example.com"] }],
    });
    expect(changesOf({ preview, weight: 50 }, [grant, ...then])).toMatchObject({
      keys: [own],
      namespaces: ["purchase-history"],
    });
  });

  test("a preview that moves or ends closes its host again", () => {
    const opened: Intent = { ...locked, openGateways: [{ ...gateway, hosts: ["a.b", "v2.example.com"] }] };
    const now = intentFor("release-a-version", { ...both, preview });
    const hosts = (values: Readonly<Record<string, unknown>>) =>
      changesOf(values, [opened, now]).changes.flatMap(({ after }) =>
        after?.slug === "lock-down" ? after.openGateways.flatMap((open) => open.hosts) : [],
      );
    expect(hosts({ preview: { gateway, host: "v3.example.com" } })).toEqual(["a.b", "v3.example.com"]);
    expect(hosts({ preview: null })).toEqual(["a.b"]);
    expect(hosts({ canary: null, preview })).toEqual(["a.b"]);
    expect(hosts({ enabled: false, preview })).toEqual(["a.b"]);
  });

  test("comes back as the form that made it", () => {
    const filled = fill({ weight: 12.5, sticky: {}, preview, mirror: 3 });
    const [change] = filled.plan.changes;
    expect(change?.after).toMatchObject({ slug: "release-a-version", weight: 12.5, round: 0, mirror: 3 });
  });
});

test("calls with each header and cookie are sent for proof, and one without", () => {
  const { probes } = fill(
    {
      match: [
        { by: "header", name: "x-canary", value: "true" },
        { by: "cookie", name: "beta", value: "1" },
        ...caller("web-api"),
      ],
    },
    {
      traffic: seen([
        {
          from: { namespace: "recommendation", name: "recommendation" },
          to: { namespace: "purchase-history", name: "purchase-history" },
        },
      ]),
    },
  );
  expect(probes.map(({ headers, expect: expected }) => [headers, expected.kind])).toEqual([
    [[], "reaches"],
    [[{ name: "x-canary", value: "true" }], "reaches"],
    [[{ name: "cookie", value: "beta=1" }], "reaches"],
  ]);
});
