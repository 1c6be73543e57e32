import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { enrol } from "./fixtures/company.ts";
import { expect } from "./fixtures/expect.ts";
import { test } from "./fixtures/hands.ts";
import { history, httpbin, spread } from "./fixtures/places.ts";
import { Portal } from "./fixtures/portal.ts";
import { Issuer } from "./fixtures/tokens.ts";
import { visit } from "./fixtures/visitors.ts";

/**
 * Golden paths of places, edges and access, each filled in by hand and proven with real requests: before, while it is in
 * force, and after it was undone. A test leaves the mesh as it found it.
 */
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
  page,
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
  await expect(page.getByTestId("proof-line")).toHaveAttribute("data-passed", "true");
  await page.getByTestId("proof-line").getByRole("button", { name: "Show" }).click();
  await expect(page.getByTestId("probe").first()).toHaveAttribute("data-passed", "true");
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

// What is given here at last stays until the last test: each path below would bring its own, and wait for it.
test("give namespaces a waypoint: calls pass it, nothing else changes, and undo takes it away", async ({ hands }) => {
  const { form, sleep, cluster } = hands;
  const behindOne = (name: string) => cluster.holds("v1", "Service", name, "istio.io/WaypointBound");
  const expectCalls = async () => {
    expect(await sleep.status(`${httpbin}/get`)).toBe(200);
    expect(await sleep.status(`${history}/`)).toBe(200);
  };
  expect(await behindOne("default/httpbin")).toBe(false);
  await expectCalls();
  await form.open("give-a-waypoint");
  await form.namespace("purchase-history");
  const change = await form.apply();
  expect(await behindOne("purchase-history/purchase-history")).toBe(true);
  expect(await behindOne("default/httpbin")).toBe(false);
  await expectCalls();
  await form.undo(change);
  expect(await behindOne("purchase-history/purchase-history")).toBe(false);
  await expectCalls();
  await form.open("give-a-waypoint");
  await form.namespace("default");
  await form.namespace("purchase-history");
  await form.apply();
  expect(await behindOne("default/httpbin")).toBe(true);
  expect(await behindOne("purchase-history/purchase-history")).toBe(true);
  await expectCalls();
});

test("let callers in by several kinds of requests, until a day: each condition counts", async ({ page, hands }) => {
  const { form, sleep, webApi, recommendation } = hands;
  await form.open("let-a-caller-in");
  await form.service("httpbin");
  await form.caller("sleep", "default");
  await form.caller("web-api", "web-api");
  await form.method("GET");
  await form.method("PUT");
  await form.only("/status/", "begins");
  await form.orPath(2, ".txt", "ends");
  await form.header("x-plan", { be: "gold" });
  await form.header("x-debug", "is absent");
  await form.orOtherRequests();
  await form.method("POST", 1);
  await form.only("/post", "is", 1);
  await form.ends("In 1 day");
  const change = await form.apply();
  await expect(page.getByTestId("in-force")).toContainText(/until /);

  const gold = { "x-plan": "gold" };
  const cases: readonly (readonly [method: string, path: string, headers: Record<string, string>, status: number])[] = [
    ["GET", "/status/204", gold, 204],
    ["PUT", "/status/204", gold, 204],
    ["DELETE", "/status/204", gold, 403],
    ["GET", "/anything/notes.txt", gold, 200],
    ["GET", "/anything/notes.md", gold, 403],
    ["GET", "/headers", gold, 403],
    ["GET", "/status/204", {}, 403],
    ["GET", "/status/204", { "x-plan": "silver" }, 403],
    ["GET", "/status/204", { ...gold, "x-debug": "1" }, 403],
    ["POST", "/post", {}, 200],
    ["GET", "/post", gold, 403],
    ["POST", "/status/204", gold, 403],
  ];
  for (const [method, path, headers, status] of cases) {
    const said = `${method} ${path} ${JSON.stringify(headers)}`;
    expect(await sleep.status(httpbin + path, { method, headers }), said).toBe(status);
  }
  expect(await webApi.status(`${httpbin}/status/204`, { headers: gold })).toBe(204);
  expect(await recommendation.status(`${httpbin}/status/204`, { headers: gold })).toBe(403);
  await form.undo(change);
  expect(await sleep.status(`${httpbin}/headers`)).toBe(200);
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

test("block a caller: refused whatever lets it in, and nobody else; then everybody but one", async ({
  page,
  hands,
}) => {
  const { form, sleep, webApi, recommendation } = hands;
  const statuses = () => Promise.all([sleep, webApi, recommendation].map((caller) => caller.status(`${httpbin}/get`)));
  expect(await statuses()).toEqual([200, 200, 200]);
  await form.open("block-a-caller");
  await form.service("httpbin");
  await form.caller("web-api", "web-api");
  const change = await form.apply();
  expect(await statuses()).toEqual([200, 403, 200]);

  await form.edit("default/httpbin", "block-a-caller");
  await expect(form.field("service")).toContainText("httpbin");
  await expect(form.field("callers")).toContainText("web-api");
  await expect(page.getByTestId("blocked-because")).toHaveText(/already so/);
  await form.segment("Everybody but these");
  const others = await form.apply();
  await form.undo(others);
  expect(await statuses()).toEqual([200, 403, 200]);
  await form.undoFromHistory(change);
  expect(await statuses()).toEqual([200, 200, 200]);
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
