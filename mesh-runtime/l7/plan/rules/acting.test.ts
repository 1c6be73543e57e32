import { describe, expect, test } from "vitest";
import type { L7Cluster, L7Filter, L7RouteRule } from "../../../xds/proxy-config.ts";
import {
  type Asked,
  backend,
  cluster,
  config,
  forwarded,
  peerOf,
  replied,
  rig,
  route,
  rule,
  service,
  statusOf,
} from "../planner-rig.suite.ts";

const at = (one: L7RouteRule, random: () => number = () => 0) =>
  rig(service({ routes: [route("ns/r", [one])] }), { random });
const dice = (...rolls: number[]) => {
  let index = 0;
  return () => rolls[index++ % rolls.length] ?? 0;
};

describe("weights", () => {
  test("HTTPRouteWeight: shares follow the weights", () => {
    const counts = new Map<string, number>();
    const backends = [backend("v1", 70), backend("v2", 30), backend("app", 0)];
    for (let roll = 0; roll < 1_000; roll++) {
      const plan = forwarded(at(rule("r", { backends }), () => roll / 1_000).now());
      counts.set(plan.cluster.key, (counts.get(plan.cluster.key) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ v1: 700, v2: 300 });
  });

  test.each<[string, L7RouteRule["backends"]]>([
    ["no backends", []],
    ["all weights 0", [backend("v1", 0), backend("v2", 0)]],
    ["one weight 0", [backend("v1", 0)]],
    ["an unresolved reference", [backend("")]],
    ["a cluster that is not there", [backend("nowhere")]],
  ])("%s are answered 500", (_name, backends) => {
    expect(replied(at(rule("r", { backends })).now()).reply).toMatchObject({ status: 500, flag: "NR" });
  });

  test("HTTPRoutePartiallyInvalid: only the share of an unresolved reference fails", () => {
    const backends = [backend("v1", 1), backend("", 1)];
    expect(statusOf(at(rule("r", { backends }), () => 0.4).now())).toBe(200);
    expect(statusOf(at(rule("r", { backends }), () => 0.6).now())).toBe(500);
  });
});

describe("mirrors", () => {
  const mirror = (to: string, fraction: number): L7Filter => ({ kind: "mirror", cluster: to, fraction });
  const mirrored = (filters: L7Filter[], random: () => number, asked: Asked = {}) =>
    forwarded(at(rule("r", { filters }), random).now(asked)).mirrors.map(({ key }) => key);

  test.each<[string, L7Filter[], number[], string[]]>([
    ["one", [mirror("v1", 1)], [0.99], ["v1"]],
    ["several", [mirror("v1", 1), mirror("v2", 1)], [0.5], ["v1", "v2"]],
    ["a share that is met", [mirror("v1", 0.5)], [0.49], ["v1"]],
    ["a share that is not", [mirror("v1", 0.5)], [0.5], []],
    ["nothing of nothing", [mirror("v1", 0)], [0], []],
    ["each by its own dice", [mirror("v1", 0.5), mirror("v2", 0.5)], [0.9, 0.1], ["v2"]],
    ["a cluster that is not there", [mirror("nowhere", 1)], [0], []],
  ])("%s", (_name, filters, rolls, expected) => {
    expect(mirrored(filters, dice(...rolls))).toEqual(expected);
  });

  test("a WebSocket is not copied", () => {
    expect(mirrored([mirror("v1", 1)], () => 0, { upgrade: "websocket" })).toEqual([]);
  });
});

describe("faults", () => {
  const delay = { fraction: 0.5, ms: 2_000 };
  const abort = { fraction: 0.1, httpStatus: 503, grpcStatus: 0 };
  const filters: L7Filter[] = [{ kind: "directResponse", status: 200, body: "direct" }];

  test("delay and abort fall by dice of their own", () => {
    const faulty = (...rolls: number[]) => at(rule("r", { fault: { delay, abort } }), dice(...rolls)).now();
    expect(forwarded(faulty(0.5, 0.1)).delayMs).toBe(0);
    expect(forwarded(faulty(0.4, 0.1)).delayMs).toBe(2_000);
    expect(replied(faulty(0.5, 0.05))).toMatchObject({
      delayMs: 0,
      reply: { status: 503, flag: "FI", body: "fault filter abort" },
    });
    expect(replied(faulty(0.4, 0.05)).delayMs).toBe(2_000);
  });

  test("a gRPC status is kept for gRPC callers", () => {
    const fault = { delay: undefined, abort: { fraction: 1, httpStatus: 0, grpcStatus: 14 } };
    expect(replied(at(rule("r", { fault })).now()).reply).toMatchObject({ status: 503, grpcStatus: 14 });
  });

  test("faults come before what the rule answers by itself, and before CORS (Istio's order)", () => {
    const fault = { delay, abort: { ...abort, fraction: 1 } };
    expect(replied(at(rule("r", { fault, filters })).now()).reply.body).toBe("fault filter abort");
    const delayed = replied(at(rule("r", { fault: { delay, abort: undefined }, filters })).now());
    expect([delayed.delayMs, delayed.reply.body]).toEqual([2_000, "direct"]);
  });
});

describe("upgrades", () => {
  test.each<[string, Asked, string | undefined]>([
    ["websocket", { upgrade: "websocket" }, "websocket"],
    ["in any case", { upgrade: "WebSocket" }, "websocket"],
    ["HTTP/2 in plain text", { upgrade: "h2c" }, undefined],
    ["something else", { upgrade: "connect-udp" }, undefined],
    ["with a body", { upgrade: "websocket", body: { kind: "length", length: 3 } }, undefined],
    ["with POST", { upgrade: "websocket", method: "POST" }, undefined],
    [
      "by HTTP/2",
      { upgrade: "websocket", method: "CONNECT", protocol: "HTTP/2", body: { kind: "stream" } },
      "websocket",
    ],
    ["none", {}, undefined],
  ])("%s", (_name, asked, expected) => {
    expect(forwarded(at(rule("r")).now(asked)).upgrade).toBe(expected);
  });
});

test.each([
  ["100m", 100],
  ["1S", 1_000],
  ["2M", 120_000],
  ["1H", 3_600_000],
  ["1500u", 2],
  ["1n", 1],
  ["0S", 1],
  ["123456789S", 0],
  ["1", 0],
  ["-1S", 0],
  [undefined, 0],
])("grpc-timeout %s is a deadline of %s ms", (timeout, deadlineMs) => {
  const headers = { "content-type": "application/grpc", ...(timeout === undefined ? {} : { "grpc-timeout": timeout }) };
  expect(forwarded(at(rule("r")).now({ headers })).deadlineMs).toBe(deadlineMs);
});

test("timeouts and retries are the rule's", () => {
  const timeouts = { requestMs: 5_000, perTryMs: 2_000, idleMs: 0 };
  const retry = { attempts: 0, on: [], statusCodes: [], backoffBaseMs: 25, unsafeMethods: true };
  expect(forwarded(at(rule("r", { timeouts, retry })).now())).toMatchObject({ timeouts, retry });
});

describe("consistent hashing", () => {
  const hashed = (hashBy: L7Cluster["loadBalancing"]["hashBy"], asked: Asked) => {
    const loadBalancing = { policy: "CONSISTENT_HASH", hashBy, warmupMs: 0, locality: { kind: "none" } } as const;
    return forwarded(rig(service(), { config: config({ clusters: [cluster("app", { loadBalancing })] }) }).now(asked));
  };

  test.each<[string, NonNullable<L7Cluster["loadBalancing"]["hashBy"]>, Asked, Asked, Asked]>([
    ["header", { kind: "header", name: "X-User" }, { headers: { "x-user": "a" } }, { headers: { "x-user": "b" } }, {}],
    [
      "cookie",
      { kind: "cookie", name: "user", path: "", ttlMs: undefined },
      { headers: { cookie: "x=1; user=a" } },
      { headers: { cookie: "user=b" } },
      {},
    ],
    ["query", { kind: "queryParameter", name: "user" }, { target: "/?user=a" }, { target: "/?user=b" }, {}],
  ])("by %s", (_name, hashBy, one, other, without) => {
    const hash = (asked: Asked) => hashed(hashBy, asked).hash;
    expect(hash(one)).toBe(hash(one));
    expect(hash(one)).not.toBe(hash(other));
    expect(hash(without)).toBeUndefined();
  });

  test("by source address", () => {
    const hash = (sourceIp: string) => hashed({ kind: "sourceIp" }, { peer: peerOf({ sourceIp }) }).hash;
    expect(hash("10.0.0.1")).toBe(hash("10.0.0.1"));
    expect(hash("10.0.0.1")).not.toBe(hash("10.0.0.2"));
  });

  test("a missing cookie with a lifetime is handed out and leads to the same place", () => {
    const hashBy = { kind: "cookie", name: "user", path: "/a", ttlMs: 60_000 } as const;
    const first = hashed(hashBy, {});
    const given = first.responseEdits[0]?.add[0];
    expect(given).toMatchObject({
      name: "set-cookie",
      value: expect.stringMatching(/^user="[0-9a-f]{16}"; Max-Age=60; Path=\/a; HttpOnly$/),
    });
    const cookie = given?.value.split(";")[0] ?? "";
    const second = hashed(hashBy, { headers: { cookie } });
    expect(second.hash).toBe(first.hash);
    expect(second.responseEdits).toEqual([]);
  });

  test("a cookie without a lifetime ends with the client's session", () => {
    const given = hashed({ kind: "cookie", name: "user", path: "", ttlMs: 0 }, {}).responseEdits[0]?.add[0];
    expect(given?.value).toMatch(/^user="[0-9a-f]{16}"; HttpOnly$/);
  });
});
