import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Company } from "./company.ts";
import type { Answer } from "./pod-session.ts";
import { PortalChanges } from "./portal-changes.ts";

const url = "http://httpbin.default:8000/get";
const sleep = { namespace: "default", app: "sleep" };
const stranger = { namespace: "web-api", app: "web-api" };
const httpbin = { namespace: "default", name: "httpbin" };

let company: Company;
let portal: PortalChanges;
beforeAll(async () => {
  company = await Company.start();
  portal = await PortalChanges.start(company.mesh);
});
afterAll(async () => {
  await portal?.[Symbol.asyncDispose]();
  await company?.[Symbol.asyncDispose]();
});

/** Keeps asking, on connections that are kept and on new ones, until it is stopped. */
class Load {
  readonly answers: Answer[] = [];
  readonly #running: Promise<unknown>;
  #stopped = false;

  constructor(from: { readonly namespace: string; readonly app: string }) {
    this.#running = Promise.all(
      ["40", "3"].map(async (count) => {
        while (!this.#stopped) {
          this.answers.push(...(await company.ask(from, url, "--count", count, "--concurrency", "2")));
        }
      }),
    );
  }

  /** Waits until `count` more answers have come. */
  async more(count: number): Promise<void> {
    const goal = this.answers.length + count;
    while (this.answers.length < goal) {
      await new Promise(setImmediate);
    }
  }

  async stop(): Promise<Record<string, number>> {
    this.#stopped = true;
    await this.#running;
    const counts: Record<string, number> = {};
    for (const { status, error } of this.answers) {
      const key = status === 0 ? `none: ${error ?? ""}` : String(status);
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }
}

/** What callers get while something is changed; at least some requests before, during and after. */
async function meanwhile(
  work: () => Promise<unknown>,
): Promise<{ allowed: string[]; forbidden: string[]; sent: number }> {
  const [allowed, forbidden] = [new Load(sleep), new Load(stranger)];
  await Promise.all([allowed.more(80), forbidden.more(80)]);
  await work();
  await Promise.all([allowed.more(80), forbidden.more(80)]);
  const [let_in, kept_out] = await Promise.all([allowed.stop(), forbidden.stop()]);
  return { allowed: Object.keys(let_in), forbidden: Object.keys(kept_out), sent: allowed.answers.length };
}

const waypoint = (given: boolean) => ({ namespaces: ["default"], replicas: 1, given });

describe("a namespace with callers let in, locked down", { timeout: 240_000 }, () => {
  beforeAll(async () => {
    const grant = { service: httpbin, callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }] };
    expect(await portal.apply("let-a-caller-in", { ...grant, ports: [8000] })).toMatchObject({ failure: "" });
    const lock = { scope: "namespaces", namespaces: ["default"] };
    expect(await portal.apply("lock-down", lock, "default")).toMatchObject({ failure: "" });
  }, 120_000);

  test("gets a waypoint: no allowed request fails, no forbidden one passes", async () => {
    let state = "";
    const seen = await meanwhile(async () => {
      const change = await portal.apply("give-a-waypoint", waypoint(true));
      state = `${change.state} ${change.failure}`.trim();
      console.log(
        change.receipt?.message,
        JSON.stringify(
          change.events.map((e) => [e.timeUnixMs, e.text]),
          null,
          1,
        ),
      );
    });
    expect(state).toBe("verified");
    expect(seen.allowed).toEqual(["200"]);
    expect(seen.forbidden).not.toContain("200");
  });

  test("loses it again: no allowed request fails, no forbidden one passes", async () => {
    let state = "";
    const seen = await meanwhile(async () => {
      const change = await portal.apply("give-a-waypoint", waypoint(false));
      state = `${change.state} ${change.failure}`.trim();
      console.log(
        change.receipt?.message,
        JSON.stringify(
          change.events.map((e) => [e.timeUnixMs, e.text]),
          null,
          1,
        ),
      );
    });
    expect(state).toBe("verified");
    expect(seen.allowed).toEqual(["200"]);
    expect(seen.forbidden).not.toContain("200");
  });
});
