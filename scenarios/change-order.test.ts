import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Company } from "./company.ts";
import type { Answer } from "./pod-session.ts";
import { PortalChanges } from "./portal-changes.ts";

const url = "http://httpbin.default:8000/get";
const sleep = { namespace: "default", app: "sleep" };
const stranger = { namespace: "web-api", app: "web-api" };
const httpbin = { namespace: "default", name: "httpbin" };
const grant = { service: httpbin, callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }] };

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
    const granted = await portal.apply("let-a-caller-in", { ...grant, ports: [8000] });
    expect(granted).toMatchObject({ failure: "", state: "verified" });
    // Sent for real, as whom the rule is about: httpbin itself has nothing at `/`.
    expect(granted.probes.map(({ words, passed }) => `${words} ${passed}`)).toEqual(["404 true"]);
    const lock = { scope: "namespaces", namespaces: ["default"] };
    const locked = await portal.apply("lock-down", lock, "default");
    expect(locked).toMatchObject({ failure: "" });
    // A call that it decides, and one that goes on.
    expect(locked.probes.map(({ expected, passed }) => `${expected} ${passed}`)).toEqual([
      "refused true",
      "reaches true",
    ]);
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

/** What somebody gets now. */
async function now(from: { readonly namespace: string; readonly app: string }): Promise<string[]> {
  const load = new Load(from);
  await load.more(40);
  return load.stop();
}

describe("a service that was open, without a waypoint", { timeout: 240_000 }, () => {
  beforeAll(async () => {
    const lock = { scope: "namespaces", namespaces: ["default"], locked: false };
    expect(await portal.apply("lock-down", lock)).toMatchObject({ failure: "" });
    const back = { ...grant, ports: [8000], allowed: false };
    expect(await portal.apply("let-a-caller-in", back)).toMatchObject({ failure: "" });
    expect(await now(stranger)).toEqual(["200"]);
  }, 120_000);

  test("gets its first caller, by requests, and its waypoint along: nobody who may call is cut, all others are", async () => {
    const requests = [{ methods: ["GET"], paths: ["/get"], headers: [] }];
    const { change, allowed } = await meanwhile(() =>
      portal.apply("let-a-caller-in", { ...grant, ports: [8000], requests }),
    );
    expect(change).toMatchObject({ state: "verified", failure: "" });
    expect(allowed).toEqual(["200"]);
    expect(await now(stranger)).not.toContain("200");
  });

  test.each([
    ["is tested with faults: its route becomes one of another kind", true],
    ["is tested no longer", false],
  ])("%s: no call but those that are meant is touched, no forbidden one passes", async (_what, enabled) => {
    if (enabled) {
      expect(await portal.apply("retries", { service: httpbin, attempts: 2 })).toMatchObject({ failure: "" });
    }
    const { change, allowed, forbidden } = await meanwhile(() =>
      portal.apply("test-with-faults", {
        service: httpbin,
        abort: { percent: 100, status: 418 },
        onlyWith: { header: "x-fault", value: "true" },
        enabled,
      }),
    );
    expect(change).toMatchObject({ state: "verified", failure: "" });
    const kinds = change.resources.map(({ resource, action }) => `${action} ${resource.kind}`);
    expect(kinds).toEqual(
      expect.arrayContaining(
        enabled ? ["create VirtualService", "delete HTTPRoute"] : ["create HTTPRoute", "delete VirtualService"],
      ),
    );
    expect(allowed).toEqual(["200"]);
    expect(forbidden).not.toContain("200");
    const [meant] = await company.ask(sleep, url, "--header", "x-fault: true");
    expect(meant?.status).toBe(enabled ? 418 : 200);
  });
});
