import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createUpstreams } from "./create-upstreams.ts";
import { chooseByHash, hashText } from "./rendezvous.ts";
import {
  facts,
  home,
  loadBalancing,
  ok,
  pod,
  seededRandom,
  status,
  UpstreamRig,
  upserts,
} from "./upstream-rig.suite.ts";

const pods = (count: number) => Array.from({ length: count }, (_, index) => pod(`p${index}`));
const policies = ["LEAST_REQUEST", "ROUND_ROBIN", "RANDOM", "CONSISTENT_HASH"] as const;
const rigOf = (count: number, policy: (typeof policies)[number], warmupMs = 0) =>
  new UpstreamRig(pods(count), { loadBalancing: loadBalancing({ policy, warmupMs }) });

describe.each(policies)("%s", (policy) => {
  test("gives every endpoint its share", () => {
    const random = seededRandom(7);
    const rig = rigOf(5, policy);
    const counts: Record<string, number> = {};
    for (let request = 0; request < 5_000; request++) {
      const name = rig.send(ok, { hash: Math.floor(random() * 2 ** 32) }) ?? "";
      counts[name] = (counts[name] ?? 0) + 1;
    }
    expect(Object.keys(counts)).toHaveLength(5);
    for (const count of Object.values(counts)) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1_150);
    }
  });

  test("never chooses a pod that is not ready, and nobody when there is nobody", () => {
    const rig = new UpstreamRig([pod("a1", { status: "UNHEALTHY" }), pod("b2")], {
      loadBalancing: loadBalancing({ policy }),
    });
    expect(rig.count(50, { hash: 1 })).toEqual({ b2: 50 });
    rig.view.apply([], [pod("b2").uid]);
    expect(rig.count(5, { hash: 1 })).toEqual({ nobody: 5 });
  });
});

describe("least request", () => {
  test("of two, the one that has less to do", () => {
    const rig = rigOf(2, "LEAST_REQUEST");
    const busy = rig.begin();
    const name = busy.next()?.workload.name ?? "";
    expect(rig.count(50)).toEqual({ [name === "p0" ? "p1" : "p0"]: 50 });
    busy.report(ok);
    // The answer is still on its way.
    expect(rig.count(50)).not.toHaveProperty(name);
    busy.end();
    expect(rig.count(50)).toHaveProperty(name);
  });

  test("a failed try is no load any more", () => {
    const rig = rigOf(2, "LEAST_REQUEST");
    const failed = rig.begin();
    const name = failed.next()?.workload.name ?? "";
    failed.report({ kind: "connect-failure" });
    expect(rig.count(50)).toHaveProperty(name);
    failed.end();
  });

  test("keeps loads close together", () => {
    const rig = rigOf(10, "LEAST_REQUEST");
    const loads = new Map<string, number>();
    for (let open = 0; open < 1_000; open++) {
      const key = rig.begin().next()?.key ?? "";
      loads.set(key, (loads.get(key) ?? 0) + 1);
    }
    // At random the spread would be about 95 ± 30.
    expect(Math.max(...loads.values()) - Math.min(...loads.values())).toBeLessThanOrEqual(8);
  });
});

describe("round robin", () => {
  test("in turn", () => {
    expect(rigOf(4, "ROUND_ROBIN").count(400)).toEqual({ p0: 100, p1: 100, p2: 100, p3: 100 });
  });

  test("stays fair however often endpoints change", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 200 }), (changes) => {
        const rig = rigOf(4, "ROUND_ROBIN");
        const counts = [0, 0, 0, 0];
        for (const change of changes) {
          if (change < 4) {
            // News of one pod alone: nobody comes or goes.
            rig.view.apply(upserts(pod(`p${change}`)), []);
          }
          counts[Number(rig.send()?.slice(1))]! += 1;
        }
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });

  test("a pod that comes gets no more than its turns", () => {
    const rig = rigOf(2, "ROUND_ROBIN");
    rig.count(100);
    rig.view.apply(upserts(pod("p2")), []);
    expect(rig.count(9)).toEqual({ p0: 3, p1: 3, p2: 3 });
  });
});

describe("consistent hash", () => {
  const homes = (names: readonly string[], keys: readonly number[]) =>
    keys.map(
      (key) =>
        chooseByHash(
          names.map((name) => ({ name, seed: hashText(name) })),
          key,
        )?.name,
    );
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 12 });
  const keys = fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 50 });

  test("when one goes, only its own keys move", () => {
    fc.assert(
      fc.property(names, keys, fc.nat(), (all, hashes, index) => {
        const gone = all[index % all.length];
        const before = homes(all, hashes);
        const after = homes(
          all.filter((name) => name !== gone),
          hashes,
        );
        for (const [key, name] of before.entries()) {
          expect(name === gone || after[key] === name).toBe(true);
        }
      }),
    );
  });

  test("the order of endpoints does not matter", () => {
    fc.assert(
      fc.property(names, keys, (all, hashes) => {
        expect(homes(all.toReversed(), hashes)).toEqual(homes(all, hashes));
      }),
    );
  });

  test("the keys of one that goes are shared by those that stay", () => {
    const all = ["a", "b", "c", "d", "e"];
    const random = seededRandom(3);
    const hashes = Array.from({ length: 5_000 }, () => Math.floor(random() * 2 ** 32));
    const moved = hashes.filter((hash) => homes(all, [hash])[0] === "c");
    const counts = Map.groupBy(homes(["a", "b", "d", "e"], moved), (name) => name);
    for (const name of ["a", "b", "d", "e"]) {
      expect(counts.get(name)?.length).toBeGreaterThan(moved.length / 6);
    }
  });

  test("the same hash finds the same pod, on retries too, until it is ejected", () => {
    const rig = new UpstreamRig(pods(5), {
      loadBalancing: loadBalancing({ policy: "CONSISTENT_HASH" }),
      outlierDetection: {
        consecutive5xx: 3,
        consecutiveGatewayErrors: 0,
        intervalMs: 1_000,
        baseEjectionMs: 1_000,
        maxEjectionPercent: 100,
        panicPercent: 0,
      },
    });
    const hash = 0xdead_beef;
    const home = rig.send(ok, { hash });
    expect(rig.count(20, { hash })).toEqual({ [home ?? ""]: 20 });
    const request = rig.begin({ hash });
    expect(request.next()?.workload.name).toBe(home);
    request.report({ kind: "connect-failure" });
    expect(request.next()?.workload.name).toBe(home);
    request.end();
    rig.send(status(500), { hash });
    rig.send(status(500), { hash });
    expect(rig.ejected).toEqual([home]);
    const other = rig.send(ok, { hash });
    expect(other).not.toBe(home);
    rig.nowMs += 2_000;
    expect(rig.send(ok, { hash })).toBe(home);
  });

  test("the same hash stays in one locality where shares divide them", () => {
    const places = [pod("a1", { at: "r1/z1" }), pod("b2", { at: "r1/z2" })];
    const to = [
      { locality: "r1/z1", weight: 75 },
      { locality: "r1/z2", weight: 25 },
    ];
    const locality = { kind: "distribute" as const, shares: [{ from: "*", to }] };
    const rig = new UpstreamRig(places, { loadBalancing: loadBalancing({ policy: "CONSISTENT_HASH", locality }) });
    const random = seededRandom(9);
    let first = 0;
    for (let key = 0; key < 1_000; key++) {
      const hash = Math.floor(random() * 2 ** 32);
      const name = rig.send(ok, { hash });
      expect(rig.send(ok, { hash })).toBe(name);
      first += name === "a1" ? 1 : 0;
    }
    expect(first).toBeGreaterThan(700);
    expect(first).toBeLessThan(800);
  });

  test("without a hash anybody will do", () => {
    expect(Object.keys(rigOf(3, "CONSISTENT_HASH").count(100))).toHaveLength(3);
  });
});

describe("warm-up", () => {
  test.each([
    // Age of the new pod in percent of the warm-up, and its weight.
    [0, 0.1],
    [5, 0.1],
    [20, 0.2],
    [50, 0.5],
    [90, 0.9],
    [100, 1],
    [500, 1],
  ])("at %s %% of the time the new pod weighs %s", (percent, weight) => {
    for (const policy of ["ROUND_ROBIN", "LEAST_REQUEST"] as const) {
      const rig = rigOf(2, policy, 100_000);
      rig.nowMs += 100_000;
      rig.view.apply(upserts(pod("p9")), []);
      rig.nowMs += percent * 1_000;
      const { p0 = 0, p9 = 0 } = rig.count(4_000);
      expect(p9 / p0, policy).toBeGreaterThan(weight * 0.9 - 0.02);
      expect(p9 / p0, policy).toBeLessThan(weight * 1.1 + 0.02);
    }
  });

  test("is not cut short by news of other pods", () => {
    for (const policy of ["ROUND_ROBIN", "LEAST_REQUEST"] as const) {
      const rig = rigOf(2, policy, 100_000);
      rig.nowMs += 100_000;
      rig.view.apply(upserts(pod("p9")), []);
      let fresh = 0;
      for (let request = 0; request < 3_000; request++) {
        rig.view.apply(upserts(pod(`p${request % 2}`)), []);
        fresh += rig.send() === "p9" ? 1 : 0;
      }
      expect(fresh, policy).toBeGreaterThan(30);
      expect(fresh, policy).toBeLessThan(200);
    }
  });

  test("by least request a busy pod gets less, whatever its weight", () => {
    const rig = rigOf(2, "LEAST_REQUEST", 100_000);
    const counts: Record<string, number> = { p0: 0, p1: 0 };
    for (let sent = 0; sent < 100; sent++) {
      const request = rig.begin();
      const name = request.next()?.workload.name ?? "";
      counts[name] = (counts[name] ?? 0) + 1;
      // What went to the first stays open.
      if (name === "p1") {
        request.end();
      }
    }
    expect(counts["p1"]).toBeGreaterThan(4 * (counts["p0"] ?? 0));
  });

  test("all new at once share alike", () => {
    const { p0 = 0, p1 = 0 } = rigOf(2, "LEAST_REQUEST", 100_000).count(1_000);
    expect(Math.abs(p0 - p1)).toBeLessThan(20);
  });

  test("begins again when a pod becomes ready again", () => {
    const rig = rigOf(2, "ROUND_ROBIN", 100_000);
    rig.nowMs += 100_000;
    rig.view.apply(upserts(pod("p1", { status: "UNHEALTHY" })), []);
    expect(rig.count(10)).toEqual({ p0: 10 });
    rig.view.apply(upserts(pod("p1")), []);
    const { p0 = 0, p1 = 0 } = rig.count(1_100);
    expect(p1 / p0).toBeCloseTo(0.1, 1);
  });
});

describe("locality", () => {
  const places = [
    pod("a1", { at: "r1/z1" }),
    pod("a2", { at: "r1/z1" }),
    pod("b3", { at: "r1/z2" }),
    pod("c4", { at: "r2/z1" }),
  ];
  const failover = { loadBalancing: loadBalancing({ locality: { kind: "failover" as const, regions: [] } }) };

  test("stays at home, spills over with the formula, comes back", () => {
    const rig = new UpstreamRig(places, failover, home("r1/z1"));
    expect(Object.keys(rig.count(500)).sort()).toEqual(["a1", "a2"]);
    rig.view.apply(upserts(pod("a2", { at: "r1/z1", status: "UNHEALTHY" })), []);
    const { a1 = 0, b3 = 0, c4 } = rig.count(2_000);
    expect(a1 / 2_000).toBeCloseTo(0.7, 1);
    expect(b3 / 2_000).toBeCloseTo(0.3, 1);
    expect(c4).toBeUndefined();
    rig.view.apply([], [pod("a1").uid, pod("b3").uid]);
    expect(rig.count(50)).toEqual({ c4: 50 });
    rig.view.apply(upserts(pod("a2", { at: "r1/z1" })), []);
    expect(rig.count(50)).toEqual({ a2: 50 });
  });

  test("a pin is never left, whatever fails", () => {
    const pin = { kind: "distribute" as const, shares: [{ from: "r1/*", to: [{ locality: "r1/*", weight: 100 }] }] };
    const strict = { kind: "scopes" as const, scopes: ["REGION" as const], strict: true };
    const event = fc.record({ pod: fc.nat({ max: 5 }), ready: fc.boolean(), code: fc.constantFrom(200, 500) });
    fc.assert(
      fc.property(
        fc.constantFrom(pin, strict),
        fc.array(event, { maxLength: 80 }),
        fc.constantFrom(0, 60),
        (locality, events, panicPercent) => {
          const regionOf = (index: number) => (index < 3 ? "r1" : "r2");
          const build = (index: number, ready: boolean) =>
            pod(`p${index}`, { at: `${regionOf(index)}/z${index}`, status: ready ? "HEALTHY" : "UNHEALTHY" });
          const rig = new UpstreamRig(
            Array.from({ length: 6 }, (_, index) => build(index, true)),
            {
              loadBalancing: loadBalancing({ locality }),
              outlierDetection: {
                consecutive5xx: 1,
                consecutiveGatewayErrors: 0,
                intervalMs: 1_000,
                baseEjectionMs: 5_000,
                maxEjectionPercent: 100,
                panicPercent,
              },
            },
            home("r1/z1"),
          );
          for (const { pod: index, ready, code } of events) {
            rig.nowMs += 500;
            rig.view.apply(upserts(build(index, ready)), []);
            const request = rig.begin();
            for (let attempt = 0; attempt < 3; attempt++) {
              const endpoint = request.next();
              expect(endpoint?.locality.region ?? "r1").toBe("r1");
              if (endpoint !== undefined) {
                request.report(status(code));
              }
            }
            request.end();
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test("follows a home that becomes known later", () => {
    let at = home("");
    const rig = new UpstreamRig(places, failover, home("r1/z1"));
    const upstreams = createUpstreams({ view: rig.view, home: () => at, now: () => rig.nowMs, random: seededRandom() });
    upstreams.update([rig.cluster]);
    const next = () => {
      const request = upstreams.begin(rig.cluster, facts());
      return "refused" in request ? undefined : request.next()?.workload.name;
    };
    const before = new Set(Array.from({ length: 50 }, next));
    expect(before.size).toBe(4);
    at = home("r2/z1");
    rig.view.apply([], []);
    expect(new Set(Array.from({ length: 50 }, next))).toEqual(new Set(["c4"]));
  });
});
