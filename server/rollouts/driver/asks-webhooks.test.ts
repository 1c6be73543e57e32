import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { noCounts } from "../analysis/counts.ts";
import { judge } from "../analysis/judge.ts";
import { look } from "../machine/look.ts";
import { minute, TestRelease, testSpec } from "../machine/machine.suite.ts";
import type { RolloutPorts, Shares } from "../ports.ts";
import { createWebhooks } from "../webhooks/webhooks.ts";
import type { DriverDeps } from "./deps.ts";
import { observe } from "./observe.ts";
import { Pending } from "./pending.ts";
import { StepIntervals } from "./step-intervals.ts";

/** What the service answers, the last one from then on; 0: it hangs up. */
let answers: number[] = [];
let asked: Record<string, unknown>[] = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on("end", () => {
    asked.push(JSON.parse(body) as Record<string, unknown>);
    const status = (answers.length > 1 ? answers.shift() : answers[0]) ?? 200;
    if (status === 0) {
      request.socket.destroy();
    } else {
      response.writeHead(status).end();
    }
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  answers = [200];
  asked = [];
});

/** A release that the driver looks at; the webhooks are asked over HTTP, all else is as it should be. */
class Driven {
  readonly release: TestRelease;
  readonly placed: Shares[] = [];
  readonly #watch = {
    // A look waits for the answer, however slow the machine is.
    answers: new Pending<never>(60_000),
    webhooks: new Pending<never>(60_000),
    intervals: new StepIntervals(),
  };

  constructor(when: string, analysis: object = {}) {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const webhooks = [{ name: "smoke", when, url, timeout: "30s" }];
    const rules = { minRequests: 1, passes: 1, misses: 0, minSuccess: null, maxWorse: null };
    this.release = new TestRelease(
      testSpec({
        steps: [{ weight: 10 }, { weight: 100, analysis: false }],
        analysis: { ...rules, ...analysis, webhooks },
      }),
    );
  }

  async look(ms = 1_000): Promise<void> {
    const { release } = this;
    release.nowUnixMs += ms;
    const seen = await observe("r", release.release, false, this.#watch, this.#deps());
    release.take(look(release.release, seen));
  }

  async until(is: () => boolean, looks = 40): Promise<void> {
    for (let times = 0; !is(); times++) {
      if (times === looks) {
        throw new Error(`it stays ${this.release.state}: ${this.release.texts.join(" | ")}`);
      }
      await this.look();
    }
  }

  #deps(): DriverDeps {
    const { nowUnixMs } = this.release;
    const answered = { ...noCounts, requests: 100 };
    const ports = {
      mesh: { connected: true },
      webhooks: createWebhooks({ allowLoopback: true }),
      workloads: { pods: () => [{ name: "p", ready: true, node: "a", restarts: 0, phase: "Running" }] },
      measure: {
        freshUnixMs: () => nowUnixMs,
        interval: (_service: unknown, _stable: unknown, _canary: unknown, fromUnixMs: number, toUnixMs: number) => ({
          ...{ fromUnixMs, toUnixMs },
          stable: answered,
          canary: answered,
        }),
      },
      traffic: {
        frozen: async () => "",
        drift: async () => [],
        templateOf: () => undefined,
        placeNow: async () => undefined,
        place: async (_owner: unknown, shares: Shares) => {
          this.placed.push(shares);
          return { state: "placed" as const };
        },
      },
    } as unknown as RolloutPorts;
    const db = { rolloutVerdict: { findMany: async () => [] } };
    return { ports, db, judge, now: () => nowUnixMs } as unknown as DriverDeps;
  }
}

const weights = ({ placed }: Driven): number[] => placed.map(({ stable, weight }) => (stable === "v2" ? 100 : weight));

describe("a webhook before the steps", () => {
  test("that says yes lets the release begin, and is told what it is about", async () => {
    const driven = new Driven("before");
    expect(driven.release.machine.phase).toBe("asking-before");
    await driven.until(() => driven.release.machine.phase === "soaking");
    expect(asked).toEqual([
      expect.objectContaining({
        release: "r",
        service: "purchase-history",
        canary: "v2",
        webhook: "smoke",
        when: "before",
      }),
    ]);
    expect(weights(driven)).toEqual([10]);
  });

  test.each([
    ["202", [202, 202, 200]],
    ["503", [503, 200]],
    ["no answer at all", [0, 0, 200]],
  ])("that says yes after %s is waited for: a hiccup ends nothing", async (_what, said) => {
    const driven = new Driven("before");
    answers = [...said];
    await driven.until(() => driven.release.machine.phase === "soaking");
    expect(asked).toHaveLength(said.length);
  });

  test.each([
    [503, "Not begun: smoke answered 503, for 5 minutes"],
    [202, "Not begun: smoke answered 202, for 5 minutes"],
  ])("that says %s for five minutes ends it, before anybody gets a call", async (status, words) => {
    const driven = new Driven("before");
    answers = [status];
    await driven.look();
    await driven.look(4 * minute);
    expect(driven.release.state).toBe("preparing");
    await driven.look(minute);
    expect(driven.release.state).toBe("rolled-back");
    expect(driven.release.texts).toContain(words);
    expect(driven.placed).toEqual([]);
  });

  test("that says no ends it at once", async () => {
    const driven = new Driven("before");
    answers = [404];
    await driven.look();
    expect(driven.release.state).toBe("rolled-back");
    expect(driven.release.texts).toContain("Not begun: smoke answered 404");
    expect(asked).toHaveLength(1);
  });
});

describe("a webhook after the steps", () => {
  const toTheEnd = async (driven: Driven): Promise<void> => {
    await driven.until(() => driven.release.machine.phase === "asking-after", 60);
  };

  test("is asked before the last calls move; a yes completes", async () => {
    const driven = new Driven("after");
    answers = [503, 202, 200];
    await toTheEnd(driven);
    expect(asked).toEqual([]);
    await driven.until(() => driven.release.state === "completed");
    expect(asked).toHaveLength(3);
    expect(driven.placed.at(-1)?.stable).toBe("v2");
  });

  test("that says no takes all calls back", async () => {
    const driven = new Driven("after");
    answers = [409];
    await toTheEnd(driven);
    await driven.until(() => driven.release.state === "rolled-back");
    expect(driven.release.texts).toContain("Not completed: smoke answered 409");
    expect(driven.placed.at(-1)).toMatchObject({ stable: "v1", canary: null });
  });

  test("that never answers takes all calls back after five minutes", async () => {
    const driven = new Driven("after");
    answers = [0];
    await toTheEnd(driven);
    await driven.look();
    expect(driven.release.state).toBe("completing");
    await driven.look(5 * minute);
    expect(driven.release.state).toBe("rolling-back");
  });
});

describe("a webhook during a step", () => {
  test.each([
    ["200", 200, "pass", 1],
    ["202", 202, "inconclusive", 0],
    ["500", 500, "fail", 0],
    ["no answer", 0, "fail", 0],
  ] as const)("is asked once for each interval; %s is its verdict", async (_what, status, verdict, step) => {
    const driven = new Driven("during");
    answers = [status];
    await driven.until(() => driven.release.records.some((record) => record.verdict !== null));
    const judged = driven.release.records.flatMap((record) => record.verdict ?? []);
    expect(judged.map((one) => one.verdict)).toEqual([verdict]);
    expect(judged[0]?.judgement.measures).toContainEqual(expect.objectContaining({ measure: "webhook/smoke" }));
    expect(asked).toEqual([expect.objectContaining({ when: "during", step: 1, weight: 10 })]);
    expect([driven.release.machine.step, driven.release.state === "rolling-back"]).toEqual([step, verdict === "fail"]);
  });
});
