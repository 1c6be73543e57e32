import { expect, test } from "vitest";
import type { Rendered } from "@/server/golden-paths/resource.ts";
import { differenceWords } from "./route-words.ts";

const backend = (name: string, weight?: number) => ({
  kind: "Service",
  name,
  port: 80,
  ...(weight !== undefined && { weight }),
});
const rule = (name: string, more: object = {}) => ({
  name,
  matches: [{ path: { type: "PathPrefix", value: "/" } }],
  backendRefs: [backend("shop-v1", 90), backend("shop-v2", 10)],
  ...more,
});
const route = (...rules: object[]): Rendered => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "shop", namespace: "shop" },
  spec: { parentRefs: [{ kind: "Service", name: "shop" }], rules },
});
const virtual = (...http: object[]): Rendered => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "shop", namespace: "shop" },
  spec: { hosts: ["shop"], http },
});
const to = (host: string, weight: number) => ({ destination: { host: `${host}.shop.svc.cluster.local` }, weight });

test.each([
  [
    "other weights",
    route(rule("all")),
    route(rule("all", { backendRefs: [backend("shop-v1", 50), backend("shop-v2", 50)] })),
    "share of shop-v1 was 90 %, is 50 % and share of shop-v2 was 10 %, is 50 %",
  ],
  [
    "a version that goes",
    route(rule("all")),
    route(rule("all", { backendRefs: [backend("shop-v1")] })),
    "share of shop-v1 was 90 %, is 100 % and share of shop-v2 was 10 %, is nothing",
  ],
  ["a rule that goes", route(rule("canary"), rule("all")), route(rule("all")), "rule canary was removed"],
  ["a rule that comes", route(rule("all")), route(rule("mine"), rule("all")), "rule mine was added"],
  [
    "other requests",
    route(rule("all")),
    route(rule("all", { matches: [{ headers: [{ name: "x-a", value: "b" }] }] })),
    "rule all is for other requests than before",
  ],
  [
    "a limit",
    route(rule("all")),
    route(rule("all", { timeouts: { request: "1s" } })),
    "timeouts of rule all was changed",
  ],
  ["rules without names", route(rule("all")), route({ ...rule("all"), name: undefined }), "it was edited"],
  ["a route that goes", route(rule("all")), undefined, "it was removed"],
  [
    "a VirtualService's weights",
    virtual({ name: "all", route: [to("shop-v1", 90), to("shop-v2", 10)] }),
    virtual({ name: "all", route: [to("shop-v1", 0), to("shop-v2", 100)] }),
    "share of shop-v1 was 90 %, is 0 % and share of shop-v2 was 10 %, is 100 %",
  ],
  [
    "another object's fields",
    { ...virtual(), kind: "Service", spec: { selector: { version: "v2" } } },
    { ...virtual(), kind: "Service", spec: { selector: { version: "v1" } } },
    'spec.selector.version was "v2", is "v1"',
  ],
] as const)("%s", (_what, expected, live, words) => {
  expect(differenceWords(expected, live)).toBe(words);
});
