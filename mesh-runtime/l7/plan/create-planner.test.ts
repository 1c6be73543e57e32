import { expect, test } from "vitest";
import {
  config,
  forwarded,
  gateway,
  listener,
  path,
  replied,
  rig,
  route,
  rule,
  service,
  statusOf,
} from "./planner-rig.suite.ts";

test("a service without routes gets everything, with its own retries", () => {
  const plan = forwarded(rig(service()).now({ target: "/a?b=c" }));
  expect(plan).toMatchObject({ target: "/a?b=c", path: "/a", port: 80, service: "ns/app", cluster: { key: "app" } });
  expect(plan.retry.on).toEqual(["reset-before-request"]);
});

test("a route without a retry of its own has Istio's default for routes", () => {
  const plan = forwarded(rig(service({ routes: [route("ns/r", [rule("all")])] })).now());
  expect(plan.retry).toMatchObject({
    attempts: 2,
    on: ["connect-failure", "refused-stream", "unavailable", "cancelled", "retriable-status-codes"],
    statusCodes: [],
  });
  expect([plan.route?.key, plan.rule?.name]).toEqual(["HTTPRoute/ns/r", "all"]);
});

test("a path that no route covers is answered 404", () => {
  const routes = [route("ns/r", [rule("a", { matches: [path("PathPrefix", "/a")] })])];
  expect(replied(rig(service({ routes })).now({ target: "/b" })).reply).toMatchObject({ status: 404, flag: "NR" });
});

test.each([
  ["CONNECT without a protocol", { method: "CONNECT", target: "" }, 405],
  ["NUL in the path", { target: "/a%00b" }, 400],
  ["OPTIONS *", { method: "OPTIONS", target: "*" }, 404],
  [
    "a WebSocket over HTTP/2",
    { method: "CONNECT", target: "/a", upgrade: "websocket", protocol: "HTTP/2" } as const,
    200,
  ],
])("%s is answered %s", (_name, asked, status) => {
  const routes = [route("ns/r", [rule("all", { matches: [path("PathPrefix", "/a")] })])];
  expect(statusOf(rig(service({ routes })).now(asked))).toBe(status);
});

test("what is judged is what is sent on: the path is normalized once", () => {
  expect(forwarded(rig(service()).now({ target: "/a/../b/%41?q=/../" })).target).toBe("/b/A?q=/../");
  const merged = rig(service(), { config: config({ pathNormalization: "MERGE_SLASHES" }) });
  expect(forwarded(merged.now({ target: "//a//b" })).target).toBe("/a/b");
});

test("a pod that is called by its own address is the only endpoint", () => {
  const target = { authorizations: [], jwtRules: [], rateLimits: [], workload: "Kubernetes//Pod/ns/a", addresses: [] };
  const plan = forwarded(rig({ kind: "workload", target, port: 8080 }).now());
  expect(plan.cluster).toMatchObject({ service: "", port: 8080, members: ["Kubernetes//Pod/ns/a"] });
});

test("a gateway's routes are found by listener and host", () => {
  const planner = rig(
    gateway(listener([route("ns/r", [rule("all")], { hostnames: ["a.test"] })], { hostname: "*.test" })),
  );
  expect(planner.now({ authority: "A.test:8080" }).kind).toBe("forward");
  expect(statusOf(planner.now({ authority: "b.test" }))).toBe(404);
  expect(statusOf(planner.now({ authority: "other" }))).toBe(404);
});
