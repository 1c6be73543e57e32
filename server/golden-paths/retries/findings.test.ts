import { describe, expect, test } from "vitest";
import type { SampleOptions } from "@/server/inventory/sample.suite.ts";
import {
  codesOf,
  fillHistory,
  history,
  historyInventory,
  intentFor,
  type Situation,
  seen,
} from "../service-routes/sample-service.suite.ts";
import { allTriesMs } from "./tries.ts";

const web = { namespace: "web-api", name: "web-api" };
const recommendation = { namespace: "recommendation", name: "recommendation" };
const chain = [
  { from: web, to: recommendation },
  { from: recommendation, to: history },
];
const retried = (service: typeof web, attempts = 3) => intentFor("retries", { attempts }, service);

describe("retries", () => {
  test.each<[string, Record<string, unknown>, Situation, string[]]>([
    ["nothing is said of safe retries of a service that is called once in a chain", {}, { traffic: seen(chain) }, []],
    [
      "methods that are not safe were seen",
      { safeOnly: false },
      { traffic: seen(chain, { "GET /": {}, "POST /orders": {} }) },
      ["warning retry-not-safe safeOnly"],
    ],
    ["and are left out", { safeOnly: true }, { traffic: seen(chain, { "POST /orders": {} }) }, []],
    ["and nothing is repeated", { safeOnly: false, attempts: 0 }, { traffic: seen([], { "POST /orders": {} }) }, []],
    [
      "a try is shorter than the slowest calls",
      { perTry: "100ms" },
      { traffic: seen([], {}, 400) },
      ["warning timeout-below-p99 perTry"],
    ],
    ["a try is long enough", { perTry: "1s" }, { traffic: seen([], {}, 400) }, []],
    [
      "the tries do not fit into the whole",
      { perTry: "1s" },
      { intents: [intentFor("timeouts", { request: "3s" })] },
      ["warning timeout-below-retries perTry"],
    ],
    ["the tries fit", { perTry: "1s" }, { intents: [intentFor("timeouts", { request: "5s" })] }, []],
    [
      "tries multiply with those of a caller's caller",
      {},
      { intents: [retried(recommendation)], traffic: seen(chain) },
      ["warning retries-multiply attempts"],
    ],
    [
      "two by two is told, and no more",
      { attempts: 1 },
      { intents: [retried(recommendation, 1)], traffic: seen(chain) },
      ["info retries-multiply attempts"],
    ],
    [
      "services of other chains do not count",
      {},
      { intents: [retried(web)], traffic: seen([{ from: recommendation, to: history }]) },
      [],
    ],
    [
      "whether they multiply is not known where nothing was seen",
      {},
      { intents: [retried(web)], traffic: seen([{ from: web, to: recommendation }]) },
      ["info retries-multiply attempts"],
    ],
    ["nor asked where nobody else is retried", {}, { traffic: seen([]) }, []],
    [
      "whether calls change something is not known where nothing was seen",
      { safeOnly: false },
      { traffic: seen(chain) },
      ["info retry-not-safe safeOnly"],
    ],
    ["only safe calls were seen", { safeOnly: false }, { traffic: seen(chain, { "GET /": {} }) }, []],
    [
      "codes that no test with faults can repeat",
      { codes: [499, 503] },
      { intents: [intentFor("test-with-faults", { abort: { percent: 1, status: 503 } })] },
      ["warning not-on-this-target codes"],
    ],
    [
      "times out of any range",
      { perTry: "0s", backoff: "90000s" },
      {},
      ["error out-of-range perTry", "error out-of-range backoff"],
    ],
  ])("%s", (_what, values, situation, expected) => {
    expect(codesOf(fillHistory("retries", values, situation))).toEqual(expected);
  });

  test("the product along the chain is told, and where it comes from", () => {
    const filled = fillHistory("retries", {}, { intents: [retried(recommendation, 2)], traffic: seen(chain) });
    expect(filled.findings[0]?.message).toContain("recommendation → purchase-history");
    expect(filled.findings[0]?.message).toContain("12 calls");
  });

  describe("along a chain behind waypoints", () => {
    /** Its caller is behind a waypoint too. */
    const behind = (routing: object = {}): Situation => ({
      inventory: historyInventory({ routing: routing as NonNullable<SampleOptions["routing"]> }),
      intents: [{ slug: "give-a-waypoint", namespace: "recommendation", replicas: 1 }],
      traffic: seen(chain),
    });
    const toRecommendation = { group: "", kind: "Service", name: "recommendation" };
    const byHand = (retry: object) => ({
      routes: [
        {
          metadata: { name: "by-hand", namespace: "recommendation" },
          spec: { parentRefs: [toRecommendation], rules: [retry] },
        },
      ],
    });
    const virtual = (http: object) => ({
      virtualServices: [
        {
          metadata: { name: "by-hand", namespace: "recommendation" },
          spec: { hosts: ["recommendation"], http: [http] },
        },
      ],
    });

    test.each<[string, Situation, string, string]>([
      ["what the mesh repeats by itself is told", behind(), "info", "may become 12 calls"],
      ["so is a route that says nothing of retries", behind(byHand({})), "info", "may become 12 calls"],
      [
        "retries that somebody wrote into a route count",
        behind(byHand({ retry: { attempts: 4 } })),
        "warning",
        "along recommendation → purchase-history: when the end fails, one request may become 20 calls",
      ],
      [
        "and into a VirtualService",
        behind(virtual({ retries: { attempts: 4 } })),
        "warning",
        "along recommendation → purchase-history: when the end fails, one request may become 20 calls",
      ],
    ])("%s", (_what, situation, level, words) => {
      expect(fillHistory("retries", {}, situation).findings).toEqual([
        expect.objectContaining({ code: "retries-multiply", level, message: expect.stringContaining(words) }),
      ]);
    });

    test.each<[string, Situation]>([
      ["a route", behind(byHand({ retry: { attempts: 0 } }))],
      ["a VirtualService", behind(virtual({ retries: { attempts: 0 } }))],
      ["the path", { ...behind(), intents: [...(behind().intents ?? []), retried(recommendation, 0)] }],
    ])("nothing multiplies where %s forbids retries", (_what, situation) => {
      expect(fillHistory("retries", {}, situation).findings).toEqual([]);
    });

    test("what was asked for is told apart from what the mesh adds", () => {
      const { inventory, traffic } = behind();
      const situation: Situation = {
        inventory: inventory ?? historyInventory(),
        intents: [{ slug: "give-a-waypoint", namespace: "recommendation", replicas: 1 }, retried(web, 1)],
        traffic: traffic ?? seen([]),
      };
      const { findings } = fillHistory("retries", { attempts: 1 }, situation);
      expect(findings).toMatchObject([{ code: "retries-multiply", level: "info" }]);
      expect(findings[0]?.message).toContain("may become 4 calls. With what the mesh tries again by itself");
      expect(findings[0]?.message).toContain("it may become 12.");
    });
  });

  test("in a circle, each service counts once", () => {
    const circle = [...chain, { from: history, to: web }];
    const { findings } = fillHistory("retries", {}, { intents: [retried(web, 2)], traffic: seen(circle) });
    expect(findings).toMatchObject([{ code: "retries-multiply" }]);
    expect(findings[0]?.message).toContain("along web-api → recommendation → purchase-history:");
    expect(findings[0]?.message).toContain("12 calls");
  });

  test("each finding has a way out", () => {
    const intents = [retried(recommendation), intentFor("timeouts", { request: "3s" })];
    const traffic = seen(chain, { "POST /": {} }, 4_000);
    const { findings } = fillHistory("retries", { safeOnly: false, perTry: "1s" }, { intents, traffic });
    expect(findings.map(({ code, repair, path }) => [code, repair?.values ?? path?.values])).toEqual([
      ["retry-not-safe", { safeOnly: true }],
      ["timeout-below-p99", { perTry: "6s" }],
      ["timeout-below-retries", expect.objectContaining({ request: "5s", service: history })],
      ["retries-multiply", { attempts: 1 }],
    ]);
  });
});

test.each([
  [{ attempts: 3, perTry: "1s", backoff: "25ms" }, 4_175],
  [{ attempts: 6, perTry: "1s", backoff: "100ms" }, 10_500],
  [{ attempts: 1, perTry: "1s", backoff: "0s" }, 2_025],
  [{ attempts: 0, perTry: "1s", backoff: "25ms" }, undefined],
  [{ attempts: 3, perTry: null, backoff: "25ms" }, undefined],
])("the tries of %j take up to %s ms", (retries, expected) => {
  expect(allTriesMs(retries)).toBe(expected);
});
