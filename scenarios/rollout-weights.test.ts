import { afterAll, beforeAll, expect, test } from "vitest";
import type { Owner } from "../server/rollouts/ports.ts";
import { Company } from "./company.ts";
import { PortalChanges } from "./portal-changes.ts";
import { type Answered, allToStable, ReleaseTraffic, shares } from "./release-traffic.ts";

let company: Company;
let portal: PortalChanges;
let release: ReleaseTraffic;
let owner: Owner;
beforeAll(async () => {
  company = await Company.start();
  portal = await PortalChanges.start(company.mesh);
  release = new ReleaseTraffic(company, portal);
  owner = await release.begin();
  await release.place(owner, allToStable);
}, 180_000);
afterAll(async () => {
  await portal?.[Symbol.asyncDispose]();
  await company?.[Symbol.asyncDispose]();
});

const match = [{ by: "header" as const, name: "x-canary", value: "on" }];
const header = ["--header", "x-canary: on"];
const sorts = (answers: readonly Answered[]): string[] => [
  ...new Set(answers.map(({ status, version }) => (status === 200 ? "200" : `${status} ${version}`))),
];
const versions = (answers: readonly Answered[]): string[] => [...new Set(answers.map(({ version }) => version))];

/** Farther than this from the expected count is chance once in a thousand million times (normal tail of 6.1 sigma). */
const mayDiffer = (requests: number, share: number): number => 6.1 * Math.sqrt(requests * share * (1 - share)) + 1;

test("under load shares follow the weights, no request fails, and a header always gets the new version", async () => {
  const requests = 400;
  await release.place(owner, shares(0, { match, round: 1 }));
  const load = { running: true, answers: [] as Answered[] };
  // Asks on, on connections that live through the changes, until the last step.
  const background = (async () => {
    while (load.running) {
      load.answers.push(...(await release.answers("--seconds", "2", "--connections", "2", "--pause-ms", "10")));
    }
  })();
  const counted: Record<number, number> = {};
  for (const [round, weight] of [0, 10, 50, 100].entries()) {
    await release.place(owner, shares(weight, { match, round: round + 2 }));
    const [plain, marked] = await Promise.all([
      release.answers("--count", String(requests)),
      release.answers("--count", "40", ...header),
    ]);
    expect(sorts([...plain, ...marked])).toEqual(["200"]);
    expect(versions(marked)).toEqual(["v2"]);
    const share = weight / 100;
    counted[weight] = plain.filter(({ version }) => version === "v2").length;
    expect(Math.abs((counted[weight] ?? 0) - requests * share), `at ${weight} %`).toBeLessThanOrEqual(
      share === 0 || share === 1 ? 0 : mayDiffer(requests, share),
    );
  }
  load.running = false;
  await background;
  expect(load.answers.length).toBeGreaterThan(100);
  expect(sorts(load.answers)).toEqual(["200"]);
}, 180_000);

test("going back at once takes every call from the new version, and the books follow", async () => {
  await release.place(owner, shares(50, { round: 9 }));
  const load = release.answers("--seconds", "4", "--connections", "4", "--pause-ms", "2");
  // The load takes a moment to start.
  const first = release.answers("--count", "60");
  expect(versions(await first).sort()).toEqual(["v1", "v2"]);
  const began = Date.now();
  await release.traffic.placeNow(owner, allToStable);
  const answers = await load;
  expect(sorts(answers)).toEqual(["200"]);
  const late = answers.filter(({ version }) => version === "v2").map(({ atUnixMs }) => atUnixMs - began);
  expect(Math.max(0, ...late)).toBeLessThan(1_000);
  await release.place(owner, allToStable);
  expect(await release.traffic.inForce(owner.service)).toEqual(allToStable);
  expect(versions(await release.answers("--count", "100"))).toEqual(["v1"]);
  expect(await release.traffic.drift(owner.service)).toEqual([]);
}, 120_000);
