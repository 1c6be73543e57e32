import { describe, expect, test } from "vitest";
import type { Gateway } from "@/mesh-runtime/api/gateway.ts";
import type { HTTPRoute } from "@/mesh-runtime/api/httproute.ts";
import type { ExposeToTheOutsideForm } from "@/server/contracts/golden-paths/edges.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { noTraffic } from "../insight.ts";
import { changeIntents, type Intent, intentSet } from "../intent.ts";
import type { PathContext } from "../path.ts";
import { exposeToTheOutside } from "./path.ts";

const ingress = { namespace: "istio-ingress", name: "ingress" };
const webApi = { namespace: "web-api", name: "web-api" };
const httpbin = { namespace: "default", name: "httpbin" };
const form = (more: Partial<ExposeToTheOutsideForm> = {}): ExposeToTheOutsideForm => ({
  service: webApi,
  port: 8080,
  host: "shop.example.com",
  path: "/",
  gateway: ingress,
  certificate: null,
  redirectToHttps: true,
  exposed: true,
  ...more,
});

interface Setting {
  readonly sample?: SampleOptions;
  readonly programmed?: boolean;
  readonly listeners?: readonly object[];
  readonly listenerStatus?: readonly object[];
  readonly intents?: readonly Intent[];
}

/** By default all is well: a ready gateway without listeners of its own. */
function context({
  sample = {},
  programmed = true,
  listeners = [],
  listenerStatus = [],
  intents = [],
}: Setting): PathContext {
  const inventory = sampleInventory({ enrolled: ["web-api", "default"], ...sample });
  const withGateway: Inventory = {
    ...inventory,
    gateways: inventory.gateways.map((gateway) => (gateway.name === "ingress" ? { ...gateway, programmed } : gateway)),
    objects: {
      ...inventory.objects,
      gateways: inventory.objects.gateways.map((gateway) =>
        gateway.metadata?.name === "ingress"
          ? ({
              ...gateway,
              spec: { gatewayClassName: "istio", listeners },
              status: { listeners: listenerStatus },
            } as unknown as Gateway)
          : gateway,
      ),
    },
  };
  return { inventory: withGateway, current: intentSet(intents), traffic: noTraffic, nowUnixMs: 0 };
}

const codes = (values: ExposeToTheOutsideForm, setting: Setting = {}): string[] =>
  exposeToTheOutside.findings(values, context(setting)).map(({ level, code, field }) => `${level} ${code} ${field}`);

const exposure = (more: Partial<ExposeToTheOutsideForm> = {}): Intent => {
  const { exposed: _exposed, ...values } = form(more);
  return { slug: "expose-to-the-outside", ...values };
};

const route = (path: string, more: object = {}) =>
  ({
    metadata: { namespace: "web-api", name: "by-hand" },
    spec: {
      hostnames: ["shop.example.com"],
      parentRefs: [{ name: "ingress", namespace: "istio-ingress" }],
      rules: [{ matches: [{ path: { type: "PathPrefix", value: path } }] }],
    },
    ...more,
  }) as unknown as HTTPRoute;

const listener = (more: object = {}) => ({
  name: "http",
  port: 80,
  protocol: "HTTP",
  hostname: "shop.example.com",
  allowedRoutes: { namespaces: { from: "All" } },
  ...more,
});
const tls = (hostname: string) => ({
  name: "https",
  port: 443,
  protocol: "HTTPS",
  hostname,
  tls: { certificateRefs: [{ name: "shop" }] },
});

const denyAll = (namespace: string) => ({ metadata: { name: "deny-all", namespace }, spec: {} });
const lockDown = (more: Partial<Extract<Intent, { slug: "lock-down" }>> = {}): Intent => ({
  slug: "lock-down",
  namespace: "istio-system",
  openGateways: [{ ...ingress, hosts: ["istioinaction.io"] }],
  ...more,
});

describe("what is said about exposing a service", () => {
  test.each<[string, Partial<ExposeToTheOutsideForm>, Setting, string[]]>([
    ["nothing when all is well", {}, {}, []],
    ["a service that there is not", { service: { ...webApi, name: "nosuch" } }, {}, ["error unknown-service service"]],
    ["a port that the service does not have", { port: 81 }, {}, ["error unknown-port port"]],
    ["a gateway that there is not", { gateway: { ...ingress, name: "x" } }, {}, ["error gateway-not-ready gateway"]],
    ["a gateway that is not ready", {}, { programmed: false }, ["warning gateway-not-ready gateway"]],
    ["a certificate that nothing uses", { certificate: "shop" }, {}, ["warning certificate-missing certificate"]],
    [
      "a certificate that is used for another host",
      { certificate: "shop" },
      { listeners: [tls("www.example.com")] },
      ["warning certificate-missing certificate"],
    ],
    [
      "nothing of one that is used for this host",
      { certificate: "shop" },
      { listeners: [{ ...tls("shop.example.com"), allowedRoutes: { namespaces: { from: "All" } } }] },
      [],
    ],
    [
      "a certificate that the gateway cannot use",
      { certificate: "shop" },
      {
        listeners: [tls("www.example.com")],
        listenerStatus: [
          { name: "https", conditions: [{ type: "ResolvedRefs", status: "False", message: "not found" }] },
        ],
      },
      ["error certificate-missing certificate"],
    ],
    [
      "a host that another service has",
      {},
      { intents: [exposure({ service: httpbin, port: 8000 })] },
      ["error host-taken host"],
    ],
    [
      "a path that another service has",
      { path: "/api" },
      { intents: [exposure({ service: httpbin, port: 8000, path: "/api" })] },
      ["error host-taken path"],
    ],
    [
      "whose the rest of the host is",
      {},
      { intents: [exposure({ service: httpbin, port: 8000, path: "/api" })] },
      ["info host-taken path"],
    ],
    ["a route by hand", {}, { sample: { routing: { routes: [route("/")] } } }, ["error host-taken host"]],
    [
      "a route by hand at another path",
      {},
      { sample: { routing: { routes: [route("/x")] } } },
      ["info host-taken path"],
    ],
    [
      "not a route of ours",
      {},
      {
        sample: {
          routing: {
            routes: [
              route("/", {
                metadata: { namespace: "web-api", name: "ours", labels: { "app.kubernetes.io/managed-by": "towpath" } },
              }),
            ],
          },
        },
      },
      [],
    ],
    ["a listener that lets the namespace in", {}, { listeners: [listener()] }, []],
    [
      "a listener that does not",
      {},
      { listeners: [listener({ allowedRoutes: { namespaces: { from: "Same" } } })] },
      ["error route-conflict host"],
    ],
    [
      "a listener that lets it in by name",
      {},
      {
        listeners: [
          listener({
            allowedRoutes: {
              namespaces: { from: "Selector", selector: { matchLabels: { "kubernetes.io/metadata.name": "web-api" } } },
            },
          }),
        ],
      },
      [],
    ],
    [
      "a listener that lets others in by name",
      {},
      {
        listeners: [
          listener({
            allowedRoutes: {
              namespaces: { from: "Selector", selector: { matchLabels: { "kubernetes.io/metadata.name": "default" } } },
            },
          }),
        ],
      },
      ["error route-conflict host"],
    ],
    ["a listener for any host", {}, { listeners: [listener({ hostname: undefined })] }, ["info host-taken host"]],
    [
      "two certificates for one host",
      { certificate: "shop", path: "/a" },
      { intents: [exposure({ service: httpbin, port: 8000, path: "/b", certificate: "other" })] },
      ["warning certificate-missing certificate", "info host-taken path", "error route-conflict certificate"],
    ],
    [
      "a gateway that is locked down by hand",
      {},
      { sample: { authorizationPolicies: [denyAll("istio-ingress")] } },
      ["warning gateway-cut-off gateway"],
    ],
    [
      "nothing of a lock that is opened for the host",
      {},
      {
        sample: {
          authorizationPolicies: [
            denyAll("istio-ingress"),
            {
              metadata: { name: "open", namespace: "istio-ingress" },
              spec: {
                targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "ingress" }],
                rules: [{ to: [{ operation: { hosts: ["shop.example.com"] } }] }],
              },
            },
          ],
        },
      },
      [],
    ],
  ])("%s", (_what, values, setting, expected) => {
    expect(codes(form(values), setting)).toEqual(expected);
  });
});

const keysAfter = (values: ExposeToTheOutsideForm, setting: Setting = {}) =>
  exposeToTheOutside.plan(values, context(setting)).changes.map(({ key, after }) => [key, after]);

describe("what comes along", () => {
  const own = "expose-to-the-outside/web-api/web-api/shop.example.com/";
  const gatewayCaller = "let-a-caller-in/web-api/web-api/istio-ingress/ingress-istio";

  test("nothing where anybody may call the service", () => {
    expect(keysAfter(form()).map(([key]) => key)).toEqual([own]);
  });

  test.each<[string, Setting]>([
    ["by a policy", { sample: { authorizationPolicies: [denyAll("web-api")] } }],
    ["by a lock-down of ours", { intents: [lockDown({ namespace: "web-api", openGateways: [] })] }],
    [
      "by callers that are let in",
      {
        intents: [
          {
            slug: "let-a-caller-in",
            service: webApi,
            caller: { kind: "identity", namespace: "default", serviceAccount: "sleep" },
            ports: [8080],
            requests: [],
            until: null,
          },
        ],
      },
    ],
  ])("the gateway as a caller where the service is restricted %s", (_how, setting) => {
    expect(keysAfter(form(), setting)).toContainEqual([gatewayCaller, expect.objectContaining({ ports: [8080] })]);
  });

  test("a port more for a gateway that may call others already, and nothing for one that may call this", () => {
    const held = (ports: number[]): Intent => ({
      slug: "let-a-caller-in",
      service: webApi,
      caller: { kind: "identity", namespace: "istio-ingress", serviceAccount: "ingress-istio" },
      ports,
      requests: [],
      until: null,
    });
    expect(keysAfter(form(), { intents: [held([9090])] })).toContainEqual([
      gatewayCaller,
      expect.objectContaining({ ports: [8080, 9090] }),
    ]);
    expect(keysAfter(form(), { intents: [held([8080])] }).map(([key]) => key)).toEqual([own]);
  });

  test("the host where a lock-down keeps the gateway open for its hosts", () => {
    const around = { intents: [lockDown()] };
    const plan = exposeToTheOutside.plan(form(), context(around));
    expect(plan.namespaces).toEqual(["istio-ingress", "istio-system", "web-api"]);
    expect(keysAfter(form(), around)).toContainEqual([
      "lock-down/istio-system",
      lockDown({ openGateways: [{ ...ingress, hosts: ["istioinaction.io", "shop.example.com"] }] }),
    ]);
  });

  test("nothing where the gateway is open for all hosts", () => {
    const open = lockDown({ openGateways: [{ ...ingress, hosts: [] }] });
    expect(keysAfter(form(), { intents: [open] }).map(([key]) => key)).not.toContain("lock-down/istio-system");
  });

  test("the gateway is opened for the host alone where it was closed", () => {
    expect(keysAfter(form(), { intents: [lockDown({ openGateways: [] })] })).toContainEqual([
      "lock-down/istio-system",
      lockDown({ openGateways: [{ ...ingress, hosts: ["shop.example.com"] }] }),
    ]);
  });
});

describe("taking a host back", () => {
  const withdrawn = form({ exposed: false });

  test("takes it out of the lock-down, and a gateway without hosts is closed, not open for all", () => {
    const intents = [exposure(), lockDown({ openGateways: [{ ...ingress, hosts: ["shop.example.com"] }] })];
    expect(keysAfter(withdrawn, { intents })).toEqual([
      ["expose-to-the-outside/web-api/web-api/shop.example.com/", undefined],
      ["lock-down/istio-system", lockDown({ openGateways: [] })],
    ]);
  });

  test("leaves it open where something else serves the host", () => {
    const open = lockDown({ openGateways: [{ ...ingress, hosts: ["shop.example.com"] }] });
    const others: Setting[] = [
      { intents: [exposure(), open, exposure({ path: "/api" })] },
      { intents: [exposure(), open], sample: { routing: { routes: [route("/x")] } } },
      { intents: [exposure(), open], listeners: [listener()] },
    ];
    for (const setting of others) {
      expect(keysAfter(withdrawn, setting).map(([key]) => key)).toEqual([
        "expose-to-the-outside/web-api/web-api/shop.example.com/",
      ]);
    }
  });

  test("says that the gateway may still call the service", () => {
    const granted: Intent = {
      slug: "let-a-caller-in",
      service: webApi,
      caller: { kind: "identity", namespace: "istio-ingress", serviceAccount: "ingress-istio" },
      ports: [8080],
      requests: [],
      until: null,
    };
    const sentence = (intents: readonly Intent[]) => exposeToTheOutside.explain(withdrawn, context({ intents }));
    expect(sentence([exposure(), granted])).toContain("stays a rule of its own");
    expect(sentence([exposure()])).not.toContain("stays");
  });

  test("comes back to where it began", () => {
    const before = intentSet([lockDown()]);
    const there = changeIntents(before, exposeToTheOutside.plan(form(), context({ intents: [lockDown()] })).changes);
    const around = context({ intents: [...there.values()] });
    const back = changeIntents(there, exposeToTheOutside.plan(withdrawn, around).changes);
    // What the gateway may call stays: it is a rule of its own, and taken back there.
    expect(back.get("lock-down/istio-system")).toEqual(before.get("lock-down/istio-system"));
    expect([...back.keys()].filter((key) => key.startsWith("expose"))).toEqual([]);
  });
});

test("the form opens as it is in force", () => {
  const values = form({ certificate: "shop", path: "/api" });
  const intent = exposure({ certificate: "shop", path: "/api" });
  expect(exposeToTheOutside.refill(intent, context({}))?.values).toEqual(values);
});

test("plain HTTP is proven from outside, HTTPS is not asked for", () => {
  expect(exposeToTheOutside.probes(form({ path: "/api" }), context({}))).toMatchObject([
    { source: { kind: "outside" }, method: "GET", url: "http://shop.example.com/api", expect: { kind: "reaches" } },
  ]);
  // That plain HTTP is sent to HTTPS needs no trust in the certificate.
  expect(exposeToTheOutside.probes(form({ certificate: "shop" }), context({}))).toMatchObject([
    { source: { kind: "outside" }, expect: { kind: "status", status: 301 } },
  ]);
  expect(exposeToTheOutside.probes(form({ certificate: "shop", redirectToHttps: false }), context({}))).toEqual([]);
});
