import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { L7Cluster } from "../../xds/proxy-config.ts";
import {
  cluster,
  detection,
  facts,
  noLimits,
  ok,
  pod,
  retryOn,
  status,
  UpstreamRig,
  upserts,
} from "./upstream-rig.suite.ts";
import type { TryResult, UpstreamRequest } from "./upstreams.ts";

const pods = (count: number) => Array.from({ length: count }, (_, index) => pod(`p${index}`));
const limited = (more: Partial<L7Cluster["limits"]>): Partial<L7Cluster> => ({ limits: { ...noLimits, ...more } });

/** A try that fails, and what is said of another. */
const failOnce = (request: UpstreamRequest, result: TryResult = status(503), replayable = true) => {
  request.next();
  request.report(result);
  return request.retry(result, replayable);
};

describe("requests at once", () => {
  test("are refused beyond maxRequests, and admitted again when one is over", () => {
    const rig = new UpstreamRig(pods(2), limited({ maxRequests: 2 }));
    const one = rig.begin();
    const two = rig.begin();
    expect(rig.upstreams.begin(rig.cluster, facts())).toEqual({ refused: "overflow" });
    expect(rig.snapshot).toMatchObject({ activeRequests: 2, requests: 2, overflows: 1 });
    one.end();
    one.end();
    rig.begin();
    expect(() => rig.begin()).toThrow("overflow");
    two.end();
  });

  test("are not limited by 0", () => {
    const rig = new UpstreamRig(pods(1));
    for (let request = 0; request < 2_000; request++) {
      rig.begin().next();
    }
    expect(rig.snapshot.activeRequests).toBe(2_000);
  });

  test("a full connection pool is an overflow and no retry", () => {
    const rig = new UpstreamRig(pods(2));
    const request = rig.begin({ retry: retryOn("5xx", "reset", "connect-failure") });
    expect(failOnce(request, { kind: "overflow" })).toEqual({ refused: "final" });
    request.end();
    expect(rig.snapshot).toMatchObject({ overflows: 1, retries: 0 });
  });
});

describe("retries", () => {
  test("as many as the policy says, then no more", () => {
    const rig = new UpstreamRig(pods(3));
    const request = rig.begin({ retry: retryOn("5xx") });
    for (const most of [25, 50, 100]) {
      const answer = failOnce(request);
      expect(answer).toEqual({ waitMs: expect.any(Number) });
      expect("waitMs" in answer && answer.waitMs).toBeLessThan(most);
    }
    expect(failOnce(request)).toEqual({ refused: "limit" });
    expect(request.attempts).toBe(4);
    request.end();
    expect(rig.snapshot).toMatchObject({
      requests: 1,
      retries: 3,
      retriesSucceeded: 0,
      retriesForbidden: 0,
      activeRetries: 0,
    });
  });

  test("never of a body that cannot be sent again, nor of what the policy does not name", () => {
    const rig = new UpstreamRig(pods(2));
    for (const [result, replayable, method] of [
      [status(503), false, "GET"],
      [status(404), true, "GET"],
      [{ kind: "denied" }, true, "GET"],
      [{ kind: "reset" }, true, "POST"],
      [status(503), true, "POST"],
    ] as const) {
      const request = rig.begin({ method, retry: retryOn("5xx", "reset") });
      expect(failOnce(request, result, replayable)).toEqual({ refused: "final" });
      request.end();
    }
  });

  test("no attempts, no retries", () => {
    const request = new UpstreamRig(pods(2)).begin({ retry: { ...retryOn("5xx"), attempts: 0 } });
    expect(failOnce(request)).toEqual({ refused: "limit" });
  });

  test("go elsewhere, as long as there is somewhere", () => {
    for (const policy of ["LEAST_REQUEST", "ROUND_ROBIN", "RANDOM"] as const) {
      const rig = new UpstreamRig(pods(4), {
        loadBalancing: { policy, hashBy: undefined, warmupMs: 0, locality: { kind: "none" } },
      });
      for (let round = 0; round < 100; round++) {
        const request = rig.begin({ retry: retryOn("5xx") });
        const tried = [1, 2, 3, 4].map(() => {
          const name = request.next()?.workload.name;
          request.report(status(503));
          return name;
        });
        expect(new Set(tried).size, policy).toBe(4);
        expect(request.next()).toBeDefined();
        request.end();
      }
    }
  });

  test("keep to the shares of localities", () => {
    const at = (name: string, place: string) => pod(name, { at: place });
    const to = [
      { locality: "r1", weight: 95 },
      { locality: "r2", weight: 5 },
    ];
    const locality = { kind: "distribute" as const, shares: [{ from: "*", to }] };
    const rig = new UpstreamRig([at("a1", "r1"), at("a2", "r1"), at("b3", "r2")], {
      loadBalancing: { policy: "LEAST_REQUEST", hashBy: undefined, warmupMs: 0, locality },
    });
    let far = 0;
    for (let round = 0; round < 1_000; round++) {
      const request = rig.begin({ retry: retryOn("5xx") });
      failOnce(request);
      far += request.next()?.locality.region === "r2" ? 1 : 0;
      request.end();
    }
    // About 9 %; without regard to shares it would be half of those whose first choice was tried before.
    expect(far).toBeLessThan(150);
  });

  test("with a single endpoint go there again", () => {
    const request = new UpstreamRig(pods(1)).begin({ retry: retryOn("5xx") });
    failOnce(request);
    expect(request.next()?.workload.name).toBe("p0");
  });

  test("that help are counted", () => {
    const rig = new UpstreamRig(pods(2));
    const request = rig.begin({ retry: retryOn("5xx") });
    failOnce(request);
    expect(rig.snapshot).toMatchObject({ activeRetries: 1, retries: 1 });
    request.next();
    request.report(ok);
    expect(rig.snapshot).toMatchObject({ activeRetries: 0, retriesSucceeded: 1 });
    request.end();
    expect(rig.snapshot).toMatchObject({ activeRetries: 0, retriesSucceeded: 1, activeRequests: 0 });
  });

  test("that time out are counted as timeouts", () => {
    const rig = new UpstreamRig(pods(2));
    const request = rig.begin({ retry: retryOn("5xx") });
    failOnce(request, { kind: "per-try-timeout" });
    request.end();
    expect(rig.snapshot).toMatchObject({ timeouts: 1, retries: 1, activeRetries: 0 });
  });

  test("nothing is asked of a request that is over", () => {
    const rig = new UpstreamRig(pods(2));
    const request = rig.begin({ retry: retryOn("5xx") });
    request.end();
    expect(request.next()).toBeUndefined();
    expect(request.retry(status(503), true)).toEqual({ refused: "final" });
    expect(rig.snapshot).toMatchObject({ activeRequests: 0, activeRetries: 0 });
  });
});

describe("retries at once", () => {
  const failing = (rig: UpstreamRig, requests: number) => {
    const open = Array.from({ length: requests }, () => rig.begin({ retry: retryOn("5xx") }));
    return { open, answers: open.map((request) => failOnce(request)) };
  };
  const granted = (answers: readonly object[]) => answers.filter((answer) => "waitMs" in answer).length;

  test("no more than maxRetries", () => {
    const rig = new UpstreamRig(pods(3), limited({ maxRetries: 3 }));
    const { open, answers } = failing(rig, 10);
    expect(granted(answers)).toBe(3);
    expect(answers[9]).toEqual({ refused: "budget" });
    expect(rig.snapshot).toMatchObject({ activeRetries: 3, retries: 3, retriesForbidden: 7 });
    for (const request of open) {
      request.end();
    }
    expect(granted(failing(rig, 10).answers)).toBe(3);
  });

  test("a retry makes room for the next one of the same request", () => {
    const rig = new UpstreamRig(pods(3), limited({ maxRetries: 1 }));
    const request = rig.begin({ retry: retryOn("5xx") });
    expect(failOnce(request)).toHaveProperty("waitMs");
    expect(failOnce(request)).toHaveProperty("waitMs");
  });

  test.each([
    // Requests at once, percent, least, retries at once.
    [100, 20, 3, 20],
    [10, 20, 3, 3],
    [10, 20, 1, 2],
    [10, 25, 1, 2],
    [4, 0, 0, 0],
    [50, 100, 0, 50],
  ])("%i requests, %i %%, at least %i: %i", (requests, percent, minConcurrency, most) => {
    // The budget replaces maxRetries.
    const settings = { ...limited({ maxRetries: 1 }), retryBudget: { percent, minConcurrency } };
    expect(granted(failing(new UpstreamRig(pods(3), settings), requests).answers)).toBe(most);
  });

  test("never exceed the budget when they are granted", () => {
    const step = fc.record({
      act: fc.constantFrom("begin", "fail", "fail", "succeed", "end"),
      which: fc.nat({ max: 30 }),
    });
    const budget = fc.record({ percent: fc.nat({ max: 100 }), minConcurrency: fc.nat({ max: 5 }) });
    fc.assert(
      fc.property(budget, fc.array(step, { maxLength: 200 }), (retryBudget, steps) => {
        const rig = new UpstreamRig(pods(3), { retryBudget });
        const open: UpstreamRequest[] = [];
        for (const { act, which } of steps) {
          const request = open[which % Math.max(1, open.length)];
          if (act === "begin" || request === undefined) {
            open.push(rig.begin({ retry: { ...retryOn("5xx"), attempts: 100 } }));
          } else if (act === "fail") {
            const answer = failOnce(request);
            const { activeRetries, activeRequests } = rig.snapshot;
            const most = Math.max(Math.floor((retryBudget.percent / 100) * activeRequests), retryBudget.minConcurrency);
            expect("refused" in answer || activeRetries <= most).toBe(true);
          } else if (act === "succeed") {
            request.next();
            request.report(ok);
          } else {
            request.end();
            open.splice(open.indexOf(request), 1);
          }
        }
        for (const request of open) {
          request.end();
        }
        expect(rig.snapshot).toMatchObject({ activeRequests: 0, activeRetries: 0 });
      }),
      { numRuns: 60 },
    );
  });
});

describe("configuration", () => {
  const subset = cluster({ key: "v2", subset: "v2", members: [pod("p1").uid, "gone"] });

  test("a subset has its members alone", () => {
    const rig = new UpstreamRig(pods(3));
    rig.upstreams.update([rig.cluster, subset]);
    rig.cluster = subset;
    expect(rig.count(20)).toEqual({ p1: 20 });
    expect(rig.upstreams.snapshot().map(({ endpoints }) => endpoints)).toEqual([3, 1]);
  });

  test("a subset without pods, and a service that is gone, have nobody", () => {
    const rig = new UpstreamRig(pods(3), { members: [] });
    expect(rig.count(1)).toEqual({ nobody: 1 });
    rig.configure({ service: "default/other.default.svc.cluster.local" });
    expect(rig.count(1)).toEqual({ nobody: 1 });
  });

  test("a subset means nothing in front of a waypoint, which has the last word", () => {
    const hostname = "waypoint.default.svc.cluster.local";
    const web = "web.default.svc.cluster.local";
    const base = { namespace: "default", addresses: [] };
    const told = [
      {
        ...base,
        name: "web",
        hostname: web,
        ports: [{ servicePort: 80, targetPort: 8080 }],
        waypoint: { namespace: "default", hostname, port: 15008 },
        ingressUseWaypoint: true,
      },
      { ...base, name: "waypoint", hostname, ports: [{ servicePort: 15008, targetPort: 15008 }] },
    ].map((service) => ({ name: `default/${service.hostname}`, value: { kind: "service" as const, service } }));
    const proxy = pod("w9", { services: { [`default/${hostname}`]: [{ servicePort: 15008, targetPort: 15008 }] } });
    const rig = new UpstreamRig(pods(3), { members: [pod("p1").uid] });
    rig.view.apply([...told, ...upserts(proxy)], []);
    expect(rig.count(5)).toEqual({ p1: 5 });
    rig.view.become("gateway");
    expect(rig.begin().next()).toMatchObject({ target: `${web}:80`, workload: { name: "w9" } });
  });

  test("a pod of its own is reached at the port that was asked for", () => {
    const rig = new UpstreamRig(pods(3), { service: "", port: 9_000, members: [pod("p2").uid] });
    const endpoint = rig.begin().next();
    expect(endpoint).toMatchObject({ address: "10.0.0.2", port: 9_000, target: "10.0.0.2:9000", service: "" });
  });

  test("keeps counters and what is under way", () => {
    const rig = new UpstreamRig(pods(2));
    rig.send();
    const open = rig.begin();
    open.next();
    rig.configure(limited({ maxRequests: 1 }));
    expect(rig.snapshot).toMatchObject({ requests: 2, activeRequests: 1 });
    expect(open.cluster).toBe(rig.cluster);
    expect(() => rig.begin()).toThrow("overflow");
    open.end();
    expect(rig.snapshot.activeRequests).toBe(0);
  });

  test("a cluster that is gone still serves who holds it", () => {
    const rig = new UpstreamRig(pods(2));
    const open = rig.begin();
    rig.upstreams.update([]);
    expect(rig.upstreams.cluster(rig.cluster.key)).toBeUndefined();
    expect(open.next()).toBeDefined();
    open.end();
    expect(rig.send()).toBeDefined();
    expect(rig.upstreams.snapshot()).toEqual([]);
  });

  test("is found by key", () => {
    const rig = new UpstreamRig(pods(1));
    expect(rig.upstreams.cluster(rig.cluster.key)).toBe(rig.cluster);
  });
});

describe("endpoints that change", () => {
  test("are used from the next request on", () => {
    const rig = new UpstreamRig([pod("a1")]);
    expect(rig.count(5)).toEqual({ a1: 5 });
    rig.view.apply(upserts(pod("b2")), [pod("a1").uid]);
    expect(rig.count(5)).toEqual({ b2: 5 });
  });

  test("keep what is known of them; one that comes again begins anew", () => {
    const rig = new UpstreamRig(pods(2), { outlierDetection: detection() });
    rig.fail("p0", 3);
    rig.view.apply(upserts(pod("p0", { canonicalRevision: "v9" })), []);
    expect(rig.ejected).toEqual(["p0"]);
    expect(rig.snapshot.ejected[0]?.endpoint.workload.canonicalRevision).toBe("v9");
    rig.view.apply([], [pod("p0").uid]);
    expect(rig.snapshot).toMatchObject({ endpoints: 1, healthy: 1, ejected: [] });
    rig.view.apply(upserts(pod("p0")), []);
    expect(rig.snapshot).toMatchObject({ endpoints: 2, healthy: 2, ejected: [] });
  });

  test("a request may end after its endpoint has gone", () => {
    const rig = new UpstreamRig(pods(1), { outlierDetection: detection({ consecutive5xx: 1 }) });
    const request = rig.begin();
    request.next();
    rig.view.apply([], [pod("p0").uid]);
    expect(rig.snapshot.endpoints).toBe(0);
    request.report(status(500));
    request.end();
    expect(rig.snapshot).toMatchObject({ activeRequests: 0, healthy: 0 });
  });
});
