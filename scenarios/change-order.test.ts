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

  /** Every sort of answer once. */
  async stop(): Promise<string[]> {
    this.#stopped = true;
    await this.#running;
    const sorts = this.answers.map(({ status, error }) => (status === 0 ? `none: ${error ?? ""}` : String(status)));
    return [...new Set(sorts)];
  }
}

/** What callers get while something is changed; some requests come before and after, too. */
async function meanwhile<T>(work: () => Promise<T>): Promise<{ change: T; allowed: string[]; forbidden: string[] }> {
  const loads = [new Load(sleep), new Load(stranger)] as const;
  await Promise.all(loads.map((load) => load.more(80)));
  const change = await work();
  await Promise.all(loads.map((load) => load.more(80)));
  const [allowed, forbidden] = await Promise.all([loads[0].stop(), loads[1].stop()]);
  return { change, allowed, forbidden };
}

describe("a namespace with callers let in, locked down", { timeout: 240_000 }, () => {
  beforeAll(async () => {
    const grant = { service: httpbin, callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }] };
    const granted = await portal.apply("let-a-caller-in", { ...grant, ports: [8000] });
    expect(granted).toMatchObject({ failure: "", state: "verified" });
    // Sent for real, as whom the rule is about: httpbin itself has nothing at `/`.
    expect(granted.probes.map(({ words, passed }) => `${words} ${passed}`)).toEqual(["404 true"]);
    const lock = { scope: "namespaces", namespaces: ["default"] };
    expect(await portal.apply("lock-down", lock, "default")).toMatchObject({ failure: "" });
  }, 120_000);

  test.each([
    ["gets a waypoint", true],
    ["loses it again", false],
  ])("%s: no allowed request fails, no forbidden one passes", async (_what, given) => {
    const { change, allowed, forbidden } = await meanwhile(() =>
      portal.apply("give-a-waypoint", { namespaces: ["default"], replicas: 1, given }),
    );
    expect(change).toMatchObject({ state: "verified", failure: "" });
    expect(allowed).toEqual(["200"]);
    expect(forbidden).not.toContain("200");
  });
});
