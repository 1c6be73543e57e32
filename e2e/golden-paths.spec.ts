import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Caller } from "./fixtures/callers.ts";
import { Cluster } from "./fixtures/cluster.ts";
import { allowed, enrol } from "./fixtures/company.ts";
import { PathForm } from "./fixtures/path-form.ts";
import { Portal } from "./fixtures/portal.ts";
import { root } from "./fixtures/run-towpath.ts";
import { Issuer } from "./fixtures/tokens.ts";
import { test as base, expect as baseExpect } from "./fixtures/towpath.ts";
import { visit } from "./fixtures/visitors.ts";

/**
 * Each golden path of layer 7, filled in by hand, proven with real requests: before, while it is in force, and after it
 * was undone. A test leaves the mesh as it found it.
 */
const httpbin = "http://httpbin.default:8000";
const history = "http://purchase-history.purchase-history:8080";
const expect = baseExpect;

interface Hands {
  readonly form: PathForm;
  readonly cluster: Cluster;
  readonly sleep: Caller;
  /** Another caller, with an identity of its own. */
  readonly webApi: Caller;
}

const test = base.extend<{ hands: Hands }>({
  hands: async ({ page, towpath }, use) => {
    const cluster = new Cluster(towpath.kubeconfig);
    await use({
      form: new PathForm(new Portal(page, towpath.portal)),
      cluster,
      sleep: new Caller(cluster, "default", "sleep"),
      webApi: new Caller(cluster, "web-api", "web-api"),
    });
  },
});

test.use({
  mesh: "golden paths alone",
  storageState: async ({ people }, use) => use(await people.session("platform")),
});

test.beforeAll(async ({ browser, towpath, people }) => {
  const page = await browser.newPage({ storageState: await people.session("platform") });
  const portal = new Portal(page, towpath.portal);
  await portal.bringAbout(enrol);
  await page.close();
});

/** Where purchase-history runs: v1 beside sleep, v2 in the other zone, or in the other region. */
async function spread({ cluster, sleep }: Hands, far: "node-b" | "node-c"): Promise<void> {
  await cluster.moveTo("default", "sleep", "node-a");
  await cluster.moveTo("purchase-history", "purchase-history-v1", "node-a");
  await cluster.moveTo("purchase-history", "purchase-history-v2", far);
  await expect.poll(async () => (await cluster.pod("default", "sleep")).node).toBe("node-a");
  await expect.poll(() => sleep.nodes(`${history}/`), { timeout: 30_000 }).toEqual(["node-a", far]);
}

test("prefer the zone: the near pod answers, the far one when it is gone", async ({ hands }) => {
  const { form, sleep, cluster } = hands;
  await spread(hands, "node-b");
  await form.open("prefer-the-zone");
  await form.service("purchase-history");
  const change = await form.apply();
  expect(await sleep.nodes(`${history}/`)).toEqual(["node-a"]);
  await cluster.scale("purchase-history", "purchase-history-v1", 0);
  await expect.poll(() => sleep.nodes(`${history}/`)).toEqual(["node-b"]);
  await cluster.scale("purchase-history", "purchase-history-v1", 1);
  await expect.poll(() => sleep.nodes(`${history}/`)).toEqual(["node-a"]);
  await form.undo(change);
  expect(await sleep.nodes(`${history}/`)).toEqual(["node-a", "node-b"]);
});

test("allow a destination outside: for those who are named, and nobody else", async ({ hands }) => {
  const { form, sleep, webApi } = hands;
  const outside = createServer((_, response) => response.end("outside"));
  await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
  const { port } = outside.address() as AddressInfo;
  const ledger = `http://ledger.example.com:${port}/`;
  try {
    expect(await sleep.status(ledger)).not.toBe(200);
    await form.open("allow-a-destination");
    await form.field("host").fill("ledger.example.com");
    await form.port(port);
    await form.caller("sleep", "default");
    await form.more();
    await form.field("addresses").fill("127.0.0.1");
    await form.enter();
    const change = await form.apply();
    expect(await sleep.ask(ledger)).toMatchObject({ status: 200, body: "outside" });
    expect(await webApi.status(ledger)).not.toBe(200);
    await form.undo(change);
    expect(await sleep.status(ledger)).not.toBe(200);
  } finally {
    outside.closeAllConnections();
    outside.close();
  }
});

test("let a caller in by method, path and header: a waypoint comes with it, and goes with its undo", async ({
  hands: { form, sleep, webApi, cluster },
}) => {
  expect(await sleep.status(`${httpbin}/ip`)).toBe(200);
  await form.open("let-a-caller-in");
  await form.service("httpbin");
  await form.caller("sleep", "default");
  await form.method("GET");
  await form.only("/headers");
  await form.header("x-test-me");
  const change = await form.apply();
  const headers = { "x-test-me": "1" };
  expect(await sleep.status(`${httpbin}/headers`, { headers })).toBe(200);
  expect(await sleep.status(`${httpbin}/headers`)).toBe(403);
  expect(await sleep.status(`${httpbin}/ip`, { headers })).toBe(403);
  expect(await sleep.status(`${httpbin}/headers`, { headers, method: "POST" })).toBe(403);
  expect(await webApi.status(`${httpbin}/headers`, { headers })).toBe(403);
  expect(await cluster.holds("v1", "Service", "default/httpbin", "istio.io/WaypointBound")).toBe(true);
  await form.undo(change);
  expect(await sleep.status(`${httpbin}/ip`)).toBe(200);
  expect(await webApi.status(`${httpbin}/headers`)).toBe(200);
});

// What is given here stays until the last test: each path below would bring its own, and wait for it.
test("give namespaces a waypoint: calls pass it, and nothing else changes", async ({ hands }) => {
  const { form, sleep, cluster } = hands;
  expect(await cluster.holds("v1", "Service", "default/httpbin", "istio.io/WaypointBound")).toBe(false);
  await form.open("give-a-waypoint");
  await form.namespace("default");
  await form.namespace("purchase-history");
  await form.apply();
  expect(await cluster.holds("v1", "Service", "default/httpbin", "istio.io/WaypointBound")).toBe(true);
  expect(await sleep.status(`${httpbin}/get`)).toBe(200);
  expect(await sleep.status(`${history}/`)).toBe(200);
});

test("require a signed-in user: no token, a strange, an old and a wrong one are refused", async ({ hands }) => {
  const { form, sleep } = hands;
  const issuer = new Issuer("https://accounts.example.com");
  const stranger = new Issuer("https://elsewhere.example.com");
  const right = issuer.bearer({ groups: ["shop"] });
  expect(await sleep.status(`${httpbin}/get`)).toBe(200);
  await form.open("require-sign-in");
  await form.service("httpbin");
  await form.field("issuer").fill(issuer.name);
  await form.segment("Pasted");
  await form.field("keys-jwks").fill(issuer.keySet);
  await form.claim("groups", "shop");
  const change = await form.apply();
  expect(await sleep.status(`${httpbin}/get`)).toBe(403);
  expect(await sleep.status(`${httpbin}/get`, { headers: stranger.bearer({ groups: ["shop"] }) })).toBe(401);
  expect(await sleep.status(`${httpbin}/get`, { headers: issuer.bearer({ groups: ["shop"], exp: 1 }) })).toBe(401);
  expect(await sleep.status(`${httpbin}/get`, { headers: issuer.bearer({ groups: ["other"] }) })).toBe(403);
  expect(await sleep.status(`${httpbin}/get`, { headers: right })).toBe(200);
  await form.undo(change);
  expect(await sleep.status(`${httpbin}/get`)).toBe(200);
});

test("block a caller: refused whatever lets it in, and nobody else", async ({ hands: { form, sleep, webApi } }) => {
  expect(await webApi.status(`${httpbin}/get`)).toBe(200);
  await form.open("block-a-caller");
  await form.service("httpbin");
  await form.caller("web-api", "web-api");
  const change = await form.apply();
  expect(await webApi.status(`${httpbin}/get`)).not.toBe(200);
  expect(await sleep.status(`${httpbin}/get`)).toBe(200);
  await form.undo(change);
  expect(await webApi.status(`${httpbin}/get`)).toBe(200);
});

test("ask an authorizer: what it refuses does not get through", async ({ hands: { form, sleep } }) => {
  // Asked for a path, httpbin answers with the status that the path names.
  expect(await sleep.status(`${history}/status/403`)).toBe(200);
  await form.open("ask-an-authorizer");
  await form.service("purchase-history");
  await form.newAuthorizer("ask-httpbin", "httpbin");
  const change = await form.apply();
  expect(await sleep.status(`${history}/status/403`)).toBe(403);
  expect(await sleep.status(`${history}/status/200`)).toBe(200);
  await form.undo(change);
  expect(await sleep.status(`${history}/status/403`)).toBe(200);
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
  const answers = await sleep.statuses(`${httpbin}/get`, 12);
  // What was sent for proof counts too: the limit is of the caller, not of the test.
  expect(answers.filter((status) => status === 200).length).toBeLessThanOrEqual(10);
  expect(answers.slice(10)).toEqual([429, 429]);
  expect(await webApi.status(`${httpbin}/get`)).toBe(200);
  await form.undo(change);
  expect(new Set(await sleep.statuses(`${httpbin}/get`, 12))).toEqual(new Set([200]));
});

test("test with faults: only the testers' requests fail", async ({ hands: { form, sleep } }) => {
  const headers = { "x-tester": "dana" };
  expect(await sleep.status(`${httpbin}/get`, { headers })).toBe(200);
  await form.open("test-with-faults");
  await form.service("httpbin");
  await form.toggle("abort");
  await form.field("abort-status").fill("418");
  await form.field("abort-percent").fill("100");
  await form.toggle("onlyWith");
  await form.field("onlyWith-header").fill("x-tester");
  await form.field("onlyWith-value").fill("dana");
  const change = await form.apply();
  expect(await sleep.status(`${httpbin}/get`, { headers })).toBe(418);
  expect(await sleep.status(`${httpbin}/get`)).toBe(200);
  await form.undo(change);
  expect(await sleep.status(`${httpbin}/get`, { headers })).toBe(200);
});

test("mirror traffic: copies are sent, and callers notice nothing", async ({ page, hands, towpath }) => {
  const { form, sleep } = hands;
  const portal = new Portal(page, towpath.portal);
  // What would answer the copies refuses them: a refusal names who sent it, so that copies can be counted.
  const [, , onlyRecommendation] = allowed;
  if (onlyRecommendation === undefined) {
    throw new Error("the company lets recommendation call purchase-history");
  }
  const refused = page.locator('[data-testid^="denial-default/waypoint-purchase-history/"]');
  await portal.bringAbout(onlyRecommendation);
  expect(await sleep.status(`${httpbin}/get`)).toBe(200);
  await portal.open("/denials");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(refused).toHaveCount(0);
  await form.open("mirror-traffic");
  await form.service("httpbin");
  await form.segment("Another service");
  await form.choose("field-to-service", "purchase-history");
  await form.field("percent").fill("100");
  const change = await form.apply();
  expect(new Set(await sleep.statuses(`${httpbin}/get`, 5))).toEqual(new Set([200]));
  await form.undo(change);
  await portal.open("/denials");
  await expect(refused.first()).toBeVisible();
  await portal.openForm({ ...onlyRecommendation, values: { ...onlyRecommendation.values, allowed: false } });
  await portal.apply();
});

test.describe("with a version that fails half the time", () => {
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

  test("survive a flaky dependency: callers see no errors any more", async ({ hands: { form, sleep } }) => {
    const failed = (answers: number[]): number => answers.filter((status) => status >= 500).length;
    expect(failed(await sleep.statuses(`${history}/`, 40))).toBeGreaterThan(2);
    await form.open("retries");
    await form.service("purchase-history");
    await form.field("attempts").fill("5");
    await form.code("500");
    const change = await form.apply();
    expect(failed(await sleep.statuses(`${history}/`, 40))).toBeLessThanOrEqual(1);
    await form.undo(change);
    expect(failed(await sleep.statuses(`${history}/`, 40))).toBeGreaterThan(2);
  });

  test("leave failing pods out: after its first error the pod gets no calls", async ({ hands: { form, sleep } }) => {
    await form.open("circuit-breaker");
    await form.service("purchase-history");
    await form.field("consecutiveErrors").fill("1");
    await form.field("ejectFor").fill("1m");
    const change = await form.apply();
    const answers = await sleep.statuses(`${history}/`, 40);
    // The demo's own visitors call too: whoever meets the pod first has the one error that leaves it out.
    expect(answers.filter((status) => status >= 500).length).toBeLessThanOrEqual(1);
    await form.undo(change);
    expect((await sleep.statuses(`${history}/`, 40)).filter((status) => status >= 500).length).toBeGreaterThan(2);
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

test("expose to the outside: the gateway answers for the host, and no longer after the undo", async ({
  hands,
  towpath,
}) => {
  const { form } = hands;
  const host = "bin.example.com";
  expect((await visit(towpath.gateway, { host, path: "/get" })).status).toBe(404);
  await form.open("expose-to-the-outside");
  await form.service("httpbin");
  await form.field("host").fill(host);
  const change = await form.apply();
  expect((await visit(towpath.gateway, { host, path: "/get" })).status).toBe(200);
  expect((await visit(towpath.gateway)).status).toBe(200);
  await form.undo(change);
  expect((await visit(towpath.gateway, { host, path: "/get" })).status).toBe(404);
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
