/** Routes change hands without a moment in which nothing, or the wrong thing, acts (`resources.md` §10, §14, §15). */
import { describe, expect, test } from "vitest";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { proposeIntents } from "@/server/changes/proposal.ts";
import { noTraffic } from "../insight.ts";
import { type Intent, intentSet } from "../intent.ts";
import { render } from "../render.ts";
import { resourceKey } from "../resource.ts";
import { historyInventory, intentFor, nowUnixMs } from "./sample-service.suite.ts";

const inventory = historyInventory();
const routes = new Set(["HTTPRoute", "VirtualService", "DestinationRule", "Service"]);

/** What is written to get from some intents to others, in order: `+` created, `~` changed, `-` removed. */
function steps(before: readonly Intent[], after: readonly Intent[], kinds: ReadonlySet<string> = routes): string[] {
  const current = intentSet(before);
  const next = intentSet(after);
  const live = render(current, inventory);
  const keys = [...new Set([...current.keys(), ...next.keys()])];
  const changes = keys.map((key) => ({ key, before: current.get(key), after: next.get(key) }));
  const context = { inventory, current, traffic: noTraffic, nowUnixMs };
  const { steps: all, conflicts } = proposeIntents(changes, context, (ref) => live.get(resourceKey(ref)) as KubeObject);
  expect(conflicts).toEqual([]);
  return all
    .filter((step) => kinds.has(step.ref.kind) && JSON.stringify(step.before) !== JSON.stringify(step.after))
    .map((step) => {
      const sign = step.before === undefined ? "+" : step.after === undefined ? "-" : "~";
      return `${sign} ${step.ref.kind} ${step.ref.name}`;
    });
}

const timeouts = intentFor("timeouts", { request: "5s" });
const fault = intentFor("test-with-faults", { abort: { percent: 100, status: 503 } });
const breaker = intentFor("circuit-breaker");
const mirror = (version: string) => intentFor("mirror-traffic", { to: { kind: "version", version } });

const release = (values: Readonly<Record<string, unknown>>) =>
  intentFor("release-a-version", { stable: "v1", canary: "v2", ...values });

describe("in the order of writing", () => {
  test("a fault's VirtualService is there before the HTTPRoute goes, and the other way round", () => {
    const replaced = ["+ VirtualService purchase-history", "- HTTPRoute purchase-history"];
    expect(steps([timeouts], [timeouts, fault])).toEqual(replaced);
    expect(steps([timeouts, fault], [timeouts])).toEqual([
      "+ HTTPRoute purchase-history",
      "- VirtualService purchase-history",
    ]);
  });

  test("a version's Service is there before a route sends to it, and goes after it", () => {
    expect(steps([breaker], [breaker, mirror("v2")])).toEqual([
      "+ Service purchase-history-v2",
      "+ DestinationRule purchase-history-v2",
      "+ HTTPRoute purchase-history",
    ]);
    const moved = steps([timeouts, breaker, mirror("v1")], [timeouts, breaker, mirror("v2")]);
    expect(moved).toEqual([
      "+ Service purchase-history-v2",
      "+ DestinationRule purchase-history-v2",
      "~ HTTPRoute purchase-history",
      expect.stringMatching(/^- /),
      expect.stringMatching(/^- /),
    ]);
    expect(moved.slice(3).toSorted()).toEqual([
      "- DestinationRule purchase-history-v1",
      "- Service purchase-history-v1",
    ]);
  });

  test("the Services of both versions are there before calls are shared, and go once the route is gone", () => {
    const before = [timeouts];
    const released = [timeouts, release({ weight: 10 })];
    expect(steps(before, released)).toEqual([
      "+ Service purchase-history-v1",
      "+ Service purchase-history-v2",
      "~ HTTPRoute purchase-history",
    ]);
    expect(steps(released, before)).toEqual([
      "~ HTTPRoute purchase-history",
      "- Service purchase-history-v1",
      "- Service purchase-history-v2",
    ]);
    expect(steps(released, [timeouts, intentFor("release-a-version", { stable: "v2" })])).toEqual([
      "~ HTTPRoute purchase-history",
      "- Service purchase-history-v1",
    ]);
  });

  test("a Service of one version has its rules from the first moment to the last", () => {
    const signIn = intentFor("require-sign-in", {
      issuer: "https://id.example.com",
      keys: { kind: "url", url: "https://id.example.com/keys" },
    });
    const grant = intentFor("let-a-caller-in", {
      caller: { kind: "identity", namespace: "web-api", serviceAccount: "web-api" },
      ports: [8080],
      requests: [],
      until: null,
    });
    const guarded = [timeouts, signIn, grant];
    const all = new Set(["AuthorizationPolicy", "RequestAuthentication", "Service", "HTTPRoute"]);
    const comes = steps(guarded, [...guarded, release({})], all);
    expect(comes.map((line) => line.replace("purchase-history", "*"))).toEqual([
      "~ RequestAuthentication *-sign-in",
      "~ AuthorizationPolicy *-waypoint-callers",
      "~ AuthorizationPolicy *-signed-in",
      "+ Service *-v1",
      "+ Service *-v2",
      "~ HTTPRoute *",
    ]);
    const goes = steps([...guarded, release({})], guarded, all);
    const last = goes.map((line) => line.replace("purchase-history", "*")).slice(-4);
    expect(last.slice(0, 2)).toEqual(["- Service *-v1", "- Service *-v2"]);
    expect(last.slice(2).toSorted()).toEqual([
      "~ AuthorizationPolicy *-signed-in",
      "~ AuthorizationPolicy *-waypoint-callers",
    ]);
  });

  test.each<[string, Intent[]]>([
    ["alone", []],
    [
      "with limits of connections, copies, a region and rules for callers",
      [
        breaker,
        mirror("v2"),
        intentFor("keep-in-region"),
        intentFor("prefer-the-zone", { near: "zone" }),
        intentFor("retries"),
        intentFor("let-a-caller-in", {
          caller: { kind: "identity", namespace: "web-api", serviceAccount: "web-api" },
          ports: [8080],
          requests: [],
          until: null,
        }),
      ],
    ],
  ])("moving a share writes the route and nothing else: %s", (_with, others) => {
    const all = new Set([...routes, "AuthorizationPolicy", "RequestAuthentication", "Gateway", "Namespace"]);
    const caller = { by: "caller", namespace: "web-api", serviceAccount: "web-api" };
    const preview = { gateway: { namespace: "istio-ingress", name: "ingress" }, host: "v2.example.com" };
    const at = (weight: number, round: number) => [
      ...others,
      release({ weight, round, match: [caller], sticky: {}, mirror: 1, preview }),
    ];
    for (const [from, to] of [
      [0, 1],
      [1, 50],
      [50, 100],
      [100, 0],
    ] as const) {
      expect(steps(at(from, 1), at(to, 2), all)).toEqual(["~ HTTPRoute purchase-history"]);
    }
  });

  test("what stays as it is is not written", () => {
    expect(steps([timeouts, breaker], [timeouts, breaker])).toEqual([]);
  });
});
