import { describe, expect, test } from "vitest";
import type { ConfigMap } from "@/mesh-runtime/api/configmap.ts";
import type { ServiceEntry } from "@/mesh-runtime/api/serviceentry.ts";
import type { AllowADestinationForm } from "@/server/contracts/golden-paths/edges.ts";
import type { Inventory, InventoryGateway } from "@/server/inventory/model.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { noTraffic } from "../insight.ts";
import { changeIntents, type IntentSet, intentSet } from "../intent.ts";
import type { PathContext } from "../path.ts";
import { allowADestination } from "./path.ts";
import { privatePlace } from "./private-address.ts";

const sleep = { kind: "identity" as const, namespace: "default", serviceAccount: "sleep" };
const form = (more: Partial<AllowADestinationForm> = {}): AllowADestinationForm => ({
  namespace: "web-api",
  host: "api.example.com",
  ports: [{ port: 443, protocol: "TLS" }],
  addresses: [],
  callers: [sleep],
  allowed: true,
  ...more,
});

const gateway: InventoryGateway = {
  namespace: "web-api",
  name: "egress",
  className: "istio-waypoint",
  programmed: true,
  text: "Resource programmed",
  addresses: [],
  hosts: [],
  labels: { "app.kubernetes.io/managed-by": "towpath" },
  service: "egress",
};

const registryOnly = {
  metadata: { name: "istio", namespace: "istio-system" },
  data: { mesh: "outboundTrafficPolicy: {mode: REGISTRY_ONLY}" },
} as unknown as ConfigMap;

interface Setting {
  readonly gateways?: readonly InventoryGateway[];
  readonly entries?: readonly ServiceEntry[];
  readonly configMaps?: readonly ConfigMap[];
  readonly enrolled?: readonly string[];
  readonly current?: IntentSet;
}

/** By default all is well: a ready waypoint, other destinations closed. */
function context(setting: Setting = {}): PathContext {
  const sample = sampleInventory({ enrolled: setting.enrolled ?? ["web-api", "default"] });
  const inventory: Inventory = {
    ...sample,
    gateways: [...sample.gateways, ...(setting.gateways ?? [gateway])],
    objects: {
      ...sample.objects,
      serviceEntries: setting.entries ?? [],
      configMaps: setting.configMaps ?? [registryOnly],
    },
  };
  return { inventory, current: setting.current ?? intentSet([]), traffic: noTraffic, nowUnixMs: 0 };
}

const codes = (values: AllowADestinationForm, setting: Setting = {}): string[] =>
  allowADestination.findings(values, context(setting)).map(({ level, code, field }) => `${level} ${code} ${field}`);

const entry = (namespace: string, name: string) =>
  ({ metadata: { namespace, name }, spec: { hosts: ["api.example.com"] } }) as unknown as ServiceEntry;

describe("allow a destination", () => {
  test("has nothing to say when all is well", () => {
    expect(codes(form())).toEqual([]);
  });

  test.each<[string, Partial<AllowADestinationForm>, Setting, string[]]>([
    ["a namespace that there is not", { namespace: "nosuch" }, {}, ["error unknown-namespace namespace"]],
    ["a namespace of the mesh", { namespace: "istio-system" }, {}, ["error system-namespace namespace"]],
    ["a waypoint that comes along", {}, { gateways: [] }, ["info waypoint-missing namespace"]],
    [
      "a waypoint that is not ready",
      {},
      { gateways: [{ ...gateway, programmed: false }] },
      ["warning waypoint-not-ready namespace"],
    ],
    [
      "a gateway that is for something else",
      {},
      { gateways: [{ ...gateway, className: "istio", labels: {} }] },
      ["error waypoint-missing namespace"],
    ],
    ["a name inside the mesh", { host: "web-api.web-api.svc.cluster.local" }, {}, ["error host-unknown host"]],
    ["the short name of a service, also of one to come", { host: "soon.web-api" }, {}, ["error host-unknown host"]],
    ["no host that only looks like it", { host: "web-api.example" }, {}, []],
    ["a host that is listed elsewhere", {}, { entries: [entry("default", "x")] }, ["warning host-taken host"]],
    ["a host that is listed here by hand", {}, { entries: [entry("web-api", "x")] }, ["warning host-taken host"]],
    ["not its own entry", {}, { entries: [entry("web-api", "api.example.com")] }, []],
    ["TLS on a port of HTTP", { ports: [{ port: 80, protocol: "TLS" }] }, {}, ["warning value-never-matches ports.0"]],
    [
      "HTTP on a port of TLS",
      { ports: [{ port: 443, protocol: "HTTP" }] },
      {},
      ["warning value-never-matches ports.0"],
    ],
    ["no protocol that it does not know", { ports: [{ port: 5432, protocol: "TLS" }] }, {}, []],
    [
      "a port that is there twice",
      {
        ports: [
          { port: 9000, protocol: "TLS" },
          { port: 9000, protocol: "TCP" },
        ],
      },
      {},
      ["error unknown-port ports.1"],
    ],
    [
      "addresses that are not outside",
      { addresses: ["203.0.113.9", "10.0.0.7", "127.0.0.1", "169.254.169.254"] },
      {},
      [
        "warning address-private addresses.1",
        "warning address-private addresses.2",
        "error address-private addresses.3",
      ],
    ],
    [
      "a caller that does not exist",
      { callers: [sleep, { ...sleep, serviceAccount: "nosuch" }] },
      {},
      ["error unknown-caller callers.1"],
    ],
    ["a caller outside of the mesh", {}, { enrolled: ["web-api"] }, ["warning caller-not-enrolled callers.0"]],
    ["that other destinations are open", {}, { configMaps: [] }, ["warning other-destinations-open "]],
  ])("names %s", (_what, values, setting, expected) => {
    expect(codes(form(values), setting)).toEqual(expected);
  });

  test("says that Istio itself closes nothing, whatever its configuration says", () => {
    const around = context();
    const [node] = around.inventory.nodes;
    const nodes = node === undefined ? [] : [{ ...node, version: "v1.33.0" }];
    const findings = allowADestination.findings(form(), { ...around, inventory: { ...around.inventory, nodes } });
    expect(findings.map(({ code }) => code)).toEqual(["other-destinations-open"]);
    expect(findings[0]?.message).toContain("NetworkPolicy");
  });

  test("repairs a protocol without touching other ports", () => {
    const values = form({
      ports: [
        { port: 443, protocol: "TLS" },
        { port: 80, protocol: "TLS" },
      ],
    });
    expect(allowADestination.findings(values, context())[0]?.repair?.values).toEqual({
      ports: [
        { port: 443, protocol: "TLS" },
        { port: 80, protocol: "HTTP" },
      ],
    });
  });

  test("says that everybody may call once it is taken back, where others are open", () => {
    const { changes } = allowADestination.plan(form(), context());
    const current = changeIntents(intentSet([]), changes);
    expect(codes(form({ allowed: false }), { current, configMaps: [] })).toEqual(["warning anyone-may-call "]);
    expect(codes(form({ allowed: false }), { current })).toEqual([]);
    expect(allowADestination.plan(form({ allowed: false }), context({ current })).changes).toMatchObject([
      { key: "allow-a-destination/web-api/api.example.com", after: undefined },
    ]);
  });

  test("opens the form as it is in force", () => {
    const values = form({
      ports: [
        { port: 443, protocol: "TLS" },
        { port: 80, protocol: "HTTP" },
      ],
    });
    const around = context();
    const [change] = allowADestination.plan(values, around).changes;
    const after = change?.after;
    expect(after === undefined ? undefined : allowADestination.refill(after, around)?.values).toEqual({
      ...values,
      ports: values.ports.toReversed(),
    });
  });

  test("is proven by a caller that is refused, never by a call that leaves", () => {
    const values = form({ ports: [{ port: 80, protocol: "HTTP" }] });
    const [probe, ...others] = allowADestination.probes(values, context());
    expect(others).toEqual([]);
    expect(probe).toMatchObject({
      method: "HEAD",
      url: "http://api.example.com/",
      expect: { kind: "refused" },
      source: { namespace: expect.not.stringMatching(/^istio-/) },
    });
    expect(probe?.source).not.toMatchObject({ workload: "sleep" });
    expect(allowADestination.probes(form(), context())).toEqual([]);
  });
});

test.each([
  ["127.0.0.1", "this machine"],
  ["0.0.0.0", "this machine"],
  ["::1", "this machine"],
  ["::ffff:127.0.0.1", "this machine"],
  ["169.254.1.1", "the link"],
  ["fe80::1", "the link"],
  ["10.1.2.3", "a private network"],
  ["172.31.0.1", "a private network"],
  ["192.168.0.1", "a private network"],
  ["100.64.0.1", "a private network"],
  ["fd00::1", "a private network"],
  ["172.32.0.1", undefined],
  ["8.8.8.8", undefined],
  ["2001:db8::1", undefined],
])("%s is in %s", (address, place) => {
  expect(privatePlace(address)).toBe(place);
});
