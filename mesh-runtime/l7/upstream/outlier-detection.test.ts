import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { detection, loadBalancing, ok, pod, retryOn, status, UpstreamRig, upserts } from "./upstream-rig.suite.ts";
import type { TryResult } from "./upstreams.ts";

const two = () => [pod("a1"), pod("b2")];
const rigWith = (more: Parameters<typeof detection>[0] = {}, pods = two()) =>
  new UpstreamRig(pods, { outlierDetection: detection(more) });

describe("a pod is ejected", () => {
  test("after that many 5xx in a row, and gets nothing any more", () => {
    const rig = rigWith();
    rig.fail("a1", 2);
    expect(rig.ejected).toEqual([]);
    rig.fail("a1", 1);
    expect(rig.snapshot.ejected).toMatchObject([{ reason: "consecutive-5xx", untilMs: rig.nowMs + 30_000 }]);
    expect(rig.count(100)).toEqual({ b2: 100 });
    expect(rig.snapshot).toMatchObject({ endpoints: 2, healthy: 1, ejections: 1 });
  });

  test("not when anything else comes in between", () => {
    const rig = rigWith();
    for (const between of [ok, status(404), status(499)]) {
      rig.fail("a1", 2);
      rig.fail("a1", 1, between);
    }
    expect(rig.ejected).toEqual([]);
  });

  test.each<[string, TryResult, string[], string[]]>([
    ["500", status(500), ["a1"], []],
    ["501", status(501), ["a1"], []],
    ["502", status(502), ["a1"], ["a1"]],
    ["503", status(503), ["a1"], ["a1"]],
    ["504", status(504), ["a1"], ["a1"]],
    ["505", status(505), ["a1"], []],
    ["gRPC UNAVAILABLE", { kind: "response", status: 200, grpcStatus: 14 }, ["a1"], ["a1"]],
    ["gRPC INTERNAL", { kind: "response", status: 200, grpcStatus: 13 }, ["a1"], []],
    ["gRPC NOT_FOUND", { kind: "response", status: 200, grpcStatus: 5 }, [], []],
    ["no gRPC status", { kind: "response", status: 200, grpcStatus: -1 }, [], []],
    ["no connection", { kind: "connect-failure" }, ["a1"], ["a1"]],
    ["a reset", { kind: "reset" }, ["a1"], ["a1"]],
    ["a reset before the request was sent", { kind: "reset-before-request" }, ["a1"], ["a1"]],
    ["a refused stream", { kind: "refused-stream" }, ["a1"], ["a1"]],
    ["a try that took too long", { kind: "per-try-timeout" }, ["a1"], ["a1"]],
    ["a refusal by policy", { kind: "denied" }, [], []],
    ["a full pool", { kind: "overflow" }, [], []],
    ["429", status(429), [], []],
  ])("for %s: by 5xx, by gateway errors", (_name, result, by5xx, byGateway) => {
    const errors = rigWith({ consecutive5xx: 3 });
    errors.fail("a1", 3, result);
    expect(errors.ejected).toEqual(by5xx);
    const gateway = rigWith({ consecutive5xx: 0, consecutiveGatewayErrors: 3 });
    gateway.fail("a1", 3, result);
    expect(gateway.ejected).toEqual(byGateway);
  });

  test("a plain 500 ends a row of gateway errors", () => {
    const rig = rigWith({ consecutive5xx: 0, consecutiveGatewayErrors: 3 });
    for (const code of [503, 503, 500, 503, 503]) {
      rig.fail("a1", 1, status(code));
    }
    expect(rig.ejected).toEqual([]);
    rig.fail("a1", 1, status(502));
    expect(rig.snapshot.ejected).toMatchObject([{ reason: "consecutive-gateway-errors" }]);
  });

  test("thresholds of 0 are off, and so is everything without detection", () => {
    const off = rigWith({ consecutive5xx: 0, consecutiveGatewayErrors: 0 });
    off.fail("a1", 50);
    off.fail("a1", 50, status(503));
    expect(off.ejected).toEqual([]);
    const none = new UpstreamRig(two());
    none.fail("a1", 50);
    expect(none.ejected).toEqual([]);
  });
});

describe("no more than the percentage are out", () => {
  // Pods, percentage, how many may be ejected (Envoy: (ejected + 1) / hosts within the percentage).
  test.each([
    [3, 10, 0],
    [9, 10, 0],
    [10, 10, 1],
    [20, 10, 2],
    [1, 50, 0],
    [1, 100, 1],
    [2, 50, 1],
    [3, 34, 1],
    [4, 50, 2],
    [3, 100, 3],
    [3, 0, 0],
  ])("%i pods, %i %%: %i", (pods, maxEjectionPercent, most) => {
    const names = Array.from({ length: pods }, (_, index) => `p${index}`);
    const rig = rigWith(
      { maxEjectionPercent, consecutive5xx: 1 },
      names.map((name) => pod(name)),
    );
    for (let sent = 0; sent < 300; sent++) {
      rig.send(status(500));
    }
    expect(rig.ejected).toHaveLength(most);
  });

  test("pods that leave make room for others", () => {
    const rig = rigWith({ maxEjectionPercent: 50, consecutive5xx: 1 }, [pod("a1"), pod("b2"), pod("c3"), pod("d4")]);
    rig.fail("a1", 1);
    rig.fail("b2", 1);
    rig.fail("c3", 1);
    expect(rig.ejected).toEqual(["a1", "b2"]);
    rig.view.apply(upserts(pod("e5")), [pod("a1").uid]);
    rig.fail("c3", 1);
    expect(rig.ejected).toEqual(["b2", "c3"]);
  });
});

describe("return", () => {
  const passes = (rig: UpstreamRig, ms: number) => {
    rig.nowMs += ms;
    return rig.ejected;
  };

  test("happens at the first sweep after the ejection is over", () => {
    const rig = rigWith({ intervalMs: 10_000, baseEjectionMs: 25_000 });
    rig.nowMs += 3_000;
    rig.fail("a1", 3);
    // Ejected at 3 s until 28 s; sweeps are at 10, 20, 30 s.
    expect(passes(rig, 26_999)).toEqual(["a1"]);
    expect(passes(rig, 1)).toEqual([]);
    expect(rig.count(100)).toMatchObject({ a1: expect.any(Number) });
  });

  test("takes longer each time, never longer than 300 s", () => {
    const rig = rigWith({ intervalMs: 1_000, baseEjectionMs: 100_000 });
    const lengths: number[] = [];
    for (let time = 0; time < 5; time++) {
      rig.fail("a1", 3);
      const [ejected] = rig.snapshot.ejected;
      const untilMs = ejected?.untilMs ?? 0;
      lengths.push(untilMs - rig.nowMs);
      rig.nowMs = untilMs;
    }
    expect(lengths).toEqual([100_000, 200_000, 300_000, 300_000, 300_000]);
  });

  test("a base longer than 300 s is kept, but does not grow", () => {
    const rig = rigWith({ intervalMs: 1_000, baseEjectionMs: 400_000 });
    rig.fail("a1", 3);
    expect(passes(rig, 399_999)).toEqual(["a1"]);
    expect(passes(rig, 1)).toEqual([]);
    rig.fail("a1", 3);
    expect(passes(rig, 400_000)).toEqual([]);
  });

  test("good behaviour is forgiven: one step per interval", () => {
    const rig = rigWith({ intervalMs: 10_000, baseEjectionMs: 10_000 });
    const ejectedFor = (): number => {
      rig.fail("a1", 3);
      const untilMs = rig.snapshot.ejected[0]?.untilMs ?? 0;
      const length = untilMs - rig.nowMs;
      rig.nowMs = untilMs;
      expect(rig.ejected).toEqual([]);
      return length;
    };
    expect([ejectedFor(), ejectedFor(), ejectedFor()]).toEqual([10_000, 20_000, 30_000]);
    rig.nowMs += 20_000;
    expect(ejectedFor()).toBe(20_000);
    rig.nowMs += 3_600_000;
    expect(ejectedFor()).toBe(10_000);
  });

  test("errors before the ejection count no more", () => {
    const rig = rigWith({ consecutive5xx: 5, consecutiveGatewayErrors: 3 });
    rig.fail("a1", 1, status(500));
    rig.fail("a1", 3, status(503));
    expect(passes(rig, 30_000)).toEqual([]);
    rig.fail("a1", 4, status(500));
    expect(rig.ejected).toEqual([]);
    rig.fail("a1", 1, status(500));
    expect(rig.ejected).toEqual(["a1"]);
  });

  test("is not put off by errors that arrive while it is out", () => {
    const rig = rigWith({}, [pod("a1"), pod("b2", { status: "UNHEALTHY" })]);
    const late = Array.from({ length: 20 }, () => rig.begin());
    for (const request of late) {
      request.next();
    }
    // Over after 30.2 s, at the sweep of 40 s.
    const untilMs = rig.nowMs + 40_000;
    for (const request of late) {
      request.report(status(500));
      request.end();
      rig.nowMs += 100;
    }
    expect(rig.snapshot).toMatchObject({ ejections: 1, ejected: [{ untilMs }] });
    rig.nowMs = untilMs;
    expect(rig.ejected).toEqual([]);
  });

  test("is slow where a warm-up is set", () => {
    const rig = new UpstreamRig(two(), {
      outlierDetection: detection(),
      loadBalancing: loadBalancing({ policy: "ROUND_ROBIN", warmupMs: 60_000 }),
    });
    rig.nowMs += 60_000;
    rig.fail("a1", 3);
    expect(passes(rig, 30_000)).toEqual([]);
    const { a1 = 0, b2 = 0 } = rig.count(1_100);
    expect(a1 / b2).toBeCloseTo(0.1, 1);
    rig.nowMs += 60_000;
    expect(rig.count(100)).toEqual({ a1: 50, b2: 50 });
  });

  test("is at once when detection is taken away", () => {
    const rig = rigWith();
    rig.fail("a1", 3);
    rig.configure({});
    expect(rig.ejected).toEqual([]);
    expect(rig.count(100)["a1"]).toBeGreaterThan(20);
  });

  test("is not brought about by new settings or by news of other pods", () => {
    const rig = rigWith();
    rig.fail("a1", 3);
    rig.configure({ outlierDetection: detection({ baseEjectionMs: 1 }) });
    const c3 = pod("c3");
    rig.view.apply([{ name: c3.uid, value: { kind: "workload", workload: c3 } }], []);
    expect(rig.ejected).toEqual(["a1"]);
    expect(rig.count(100)).not.toHaveProperty("a1");
  });
});

describe("all ejected", () => {
  test("nobody is tried, as Istio sets the panic threshold to 0", () => {
    const rig = rigWith();
    rig.fail("a1", 3);
    rig.fail("b2", 3);
    expect(rig.count(10)).toEqual({ nobody: 10 });
  });

  test("with a panic threshold all are tried", () => {
    const rig = rigWith({ panicPercent: 50 });
    rig.fail("a1", 3);
    rig.fail("b2", 3);
    expect(Object.keys(rig.count(100)).sort()).toEqual(["a1", "b2"]);
  });

  test("a retry in panic may reach the ejected, elsewhere than before", () => {
    const rig = rigWith({ panicPercent: 50 });
    rig.fail("a1", 3);
    rig.fail("b2", 3);
    const request = rig.begin({ retry: retryOn("5xx") });
    const first = request.next()?.key;
    request.report(status(500));
    expect(request.next()?.key).not.toBe(first);
    request.end();
  });
});

test("an ejected pod is never chosen, whatever happens", () => {
  const names = ["p0", "p1", "p2", "p3", "p4"];
  const event = fc.record({
    waitMs: fc.nat({ max: 20_000 }),
    code: fc.constantFrom(200, 200, 500, 503),
    remove: fc.option(fc.constantFrom(...names), { freq: 10 }),
    add: fc.option(fc.constantFrom(...names), { freq: 10 }),
  });
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 150 }),
      fc.integer({ min: 10, max: 100 }),
      (events, maxEjectionPercent) => {
        const rig = rigWith(
          { consecutive5xx: 2, consecutiveGatewayErrors: 1, maxEjectionPercent },
          names.map((name) => pod(name)),
        );
        for (const { waitMs, code, remove, add } of events) {
          rig.nowMs += waitMs;
          rig.view.apply(
            add === null ? [] : [{ name: pod(add).uid, value: { kind: "workload", workload: pod(add) } }],
            remove === null ? [] : [pod(remove).uid],
          );
          const { ejected, endpoints, healthy } = rig.snapshot;
          expect(healthy).toBe(endpoints - ejected.length);
          const out = ejected.map(({ endpoint }) => endpoint.workload.name);
          const sent = rig.send(status(code));
          expect(out).not.toContain(sent);
          expect(sent === undefined).toBe(healthy === 0);
        }
      },
    ),
    { numRuns: 60 },
  );
});
