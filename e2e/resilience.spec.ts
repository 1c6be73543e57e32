import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Cluster } from "./fixtures/cluster.ts";
import { allowed, enrol, giveWaypoints } from "./fixtures/company.ts";
import { expect } from "./fixtures/expect.ts";
import { test } from "./fixtures/hands.ts";
import { history, httpbin, spread } from "./fixtures/places.ts";
import { Portal } from "./fixtures/portal.ts";
import { root } from "./fixtures/run-towpath.ts";

/**
 * Golden paths of resilience behind a waypoint, each filled in by hand and proven with real requests: before, while it is
 * in force, and after it was undone. A test leaves the mesh as it found it.
 */
test.use({
  mesh: "golden paths alone",
  storageState: async ({ people }, use) => use(await people.session("platform")),
});

// Each path would bring a waypoint of its own, and wait for it.
test.beforeAll(async ({ browser, towpath, people }) => {
  const page = await browser.newPage({ storageState: await people.session("platform") });
  const portal = new Portal(page, towpath.portal);
  await portal.bringAbout(enrol);
  await portal.bringAbout(giveWaypoints);
  await page.close();
});

test("stop waiting: a slow answer is cut off after a second", async ({ hands: { form, sleep } }) => {
  expect(await sleep.status(`${httpbin}/delay/3`)).toBe(200);
  await form.open("timeouts");
  await form.service("httpbin");
  await form.field("request").fill("1s");
  const change = await form.apply();
  const cut = await sleep.ask(`${httpbin}/delay/8`);
  expect(cut.status).toBe(504);
  expect(cut.ms).toBeGreaterThanOrEqual(950);
  expect(cut.ms).toBeLessThan(7_900);
  expect(await sleep.status(`${httpbin}/get`)).toBe(200);
  await form.undo(change);
  expect(await sleep.status(`${httpbin}/delay/3`)).toBe(200);
});

test("protect against overload: the eleventh of one caller is 429, another caller is not touched", async ({
  hands,
}) => {
  const { form, sleep, webApi } = hands;
  expect(new Set(await sleep.statuses(`${httpbin}/get`, 12))).toEqual(new Set([200]));
  await form.open("rate-limit");
  await form.service("httpbin");
  await form.field("limits-0-requests").fill("10");
  // One more fits every half minute: longer than twelve requests take, however busy the machine.
  await form.field("limits-0-interval").fill("5m");
  const change = await form.apply();
  const answers = await sleep.answers(`${httpbin}/get`, 12);
  const statuses = answers.map(({ status }) => status);
  // What was sent for proof counts too: the limit is of the caller, not of the test.
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(10);
  expect(statuses.slice(10)).toEqual([429, 429]);
  // Seconds (RFC 9110 §10.2.3): the next one fits after half a minute at the latest.
  expect(answers.at(-1)?.retryAfter).toMatch(/^[1-9]\d?$/);
  expect(answers[0]?.retryAfter).toBe("");
  expect(await webApi.status(`${httpbin}/get`)).toBe(200);
  await form.undo(change);
  expect(new Set(await sleep.statuses(`${httpbin}/get`, 12))).toEqual(new Set([200]));
});

test("test with faults: only the testers' requests are slow and fail", async ({ hands: { form, sleep } }) => {
  const headers = { "x-tester": "dana" };
  expect(await sleep.status(`${httpbin}/get`, { headers })).toBe(200);
  await form.open("test-with-faults");
  await form.service("httpbin");
  await form.toggle("delay");
  await form.field("delay-time").fill("2s");
  await form.field("delay-percent").fill("100");
  await form.toggle("abort");
  await form.field("abort-status").fill("418");
  await form.field("abort-percent").fill("100");
  await form.toggle("onlyWith");
  await form.field("onlyWith-header").fill("x-tester");
  await form.field("onlyWith-value").fill("dana");
  const change = await form.apply();
  const faulty = await sleep.ask(`${httpbin}/get`, { headers });
  expect(faulty.status).toBe(418);
  expect(faulty.ms).toBeGreaterThanOrEqual(1_950);
  expect(await sleep.status(`${httpbin}/get`)).toBe(200);
  await form.undo(change);
  expect(await sleep.status(`${httpbin}/get`, { headers })).toBe(200);
});

test("mirror traffic: copies are sent until the undo, and callers notice nothing", async ({ page, hands, towpath }) => {
  const { form, sleep } = hands;
  const portal = new Portal(page, towpath.portal);
  // What would answer the copies refuses them: a refusal names who sent it, so that copies can be counted.
  const [, onlyWebApi] = allowed;
  if (onlyWebApi === undefined) {
    throw new Error("the company lets web-api call recommendation");
  }
  const refused = (caller: string) => page.getByTestId(`denial-default/${caller}-recommendation/recommendation`);
  await portal.bringAbout(onlyWebApi);
  expect(await sleep.status(`${httpbin}/get`)).toBe(200);
  await portal.open("/denials");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(refused("waypoint")).toHaveCount(0);
  await form.open("mirror-traffic");
  await form.service("httpbin");
  await form.segment("Another service");
  await form.choose("field-to-service", "recommendation");
  await form.field("percent").fill("100");
  const change = await form.apply();
  expect(new Set(await sleep.statuses(`${httpbin}/get`, 5))).toEqual(new Set([200]));
  await form.undo(change);
  expect(new Set(await sleep.statuses(`${httpbin}/get`, 20))).toEqual(new Set([200]));
  // Refused by the same agent, later than any copy: once this is told, all of them are.
  expect(await sleep.status("http://recommendation.recommendation:8080/")).not.toBe(200);
  await portal.open("/denials");
  await expect(refused("sleep")).toBeVisible();
  const copies = Number(await refused("waypoint").getByTestId("denial-count").textContent());
  expect(copies).toBeGreaterThanOrEqual(5);
  // What was sent for proof was copied too; none of the twenty after the undo was.
  expect(copies).toBeLessThan(20);
  await portal.openForm({ ...onlyWebApi, values: { ...onlyWebApi.values, allowed: false } });
  await portal.apply();
});

test.describe("with a version that fails half the time", () => {
  const toHistory = "default/sleep~purchase-history/purchase-history";
  const failed = (answers: readonly number[]): number => answers.filter((status) => status >= 500).length;
  const manifest = (path: string): Promise<string> => readFile(join(root, "demo", path), "utf8");

  test.beforeAll(async ({ towpath }) => {
    await new Cluster(towpath.kubeconfig).release(
      "purchase-history",
      "purchase-history-v1",
      await manifest("failing-purchase-history.yaml"),
    );
  });
  test.afterAll(async ({ towpath }) => {
    await new Cluster(towpath.kubeconfig).release(
      "purchase-history",
      "purchase-history-v1",
      await manifest("manifests/purchase-history.yaml"),
    );
  });

  test("survive a flaky dependency: callers see no errors any more, the graph how many were sent again", async ({
    page,
    hands: { form, sleep },
    towpath,
  }) => {
    expect(failed(await sleep.statuses(`${history}/`, 40))).toBeGreaterThan(2);
    await form.open("retries");
    await form.service("purchase-history");
    await form.field("attempts").fill("5");
    await form.code("500");
    const change = await form.apply();
    expect(failed(await sleep.statuses(`${history}/`, 40))).toBeLessThanOrEqual(1);
    await page.goto(`${towpath.portal}/graph?window=5m&edge=${encodeURIComponent(toHistory)}`);
    await expect(page.getByTestId("behind")).toContainText(/Retries\D*[1-9]/);
    await form.undoFromHistory(change);
    expect(failed(await sleep.statuses(`${history}/`, 40))).toBeGreaterThan(2);
  });

  test("leave failing pods out: after its first error the pod gets no calls", async ({ hands: { form, sleep } }) => {
    expect(failed(await sleep.statuses(`${history}/`, 40))).toBeGreaterThan(2);
    await form.open("circuit-breaker");
    await form.service("purchase-history");
    await form.field("consecutiveErrors").fill("1");
    await form.field("ejectFor").fill("1m");
    const change = await form.apply();
    // The demo's own visitors call too: whoever meets the pod first has the one error that leaves it out.
    expect(failed(await sleep.statuses(`${history}/`, 40))).toBeLessThanOrEqual(1);
    await form.undo(change);
    expect(failed(await sleep.statuses(`${history}/`, 40))).toBeGreaterThan(2);
  });
});

test("keep data in the region: calls never leave it, they fail instead", async ({ hands }) => {
  const { form, sleep, cluster } = hands;
  await spread(hands, "node-c");
  await form.open("keep-in-region");
  await form.service("purchase-history");
  const change = await form.apply();
  // Behind a waypoint its region counts: whichever it is, one of the two pods is in it.
  const [at, ...others] = await sleep.nodes(`${history}/`);
  expect(others).toEqual([]);
  const near = at === "node-c" ? "purchase-history-v2" : "purchase-history-v1";
  await cluster.scale("purchase-history", near, 0);
  await expect.poll(() => sleep.nodes(`${history}/`)).toEqual(["503"]);
  await cluster.scale("purchase-history", near, 1);
  await expect.poll(() => sleep.nodes(`${history}/`)).toEqual([at]);
  await form.undo(change);
  expect(await sleep.nodes(`${history}/`)).toEqual(["node-a", "node-c"]);
});

test("take the waypoints away again, from the page of a service that stands behind one", async ({
  page,
  hands,
  towpath,
}) => {
  const { form, sleep, cluster } = hands;
  await page.goto(`${towpath.portal}/services/default/httpbin?tab=access`);
  await page
    .getByTestId("in-force-give-a-waypoint")
    .getByRole("link", { name: /^Take away/ })
    .click();
  await form.namespace("purchase-history");
  await form.apply();
  expect(await cluster.holds("v1", "Service", "default/httpbin", "istio.io/WaypointBound")).toBe(false);
  expect(await sleep.status(`${httpbin}/get`)).toBe(200);
  expect(await sleep.status(`${history}/`)).toBe(200);
});
