import { Cluster } from "./fixtures/cluster.ts";
import { Portal, signIn } from "./fixtures/portal.ts";
import { expect, test } from "./fixtures/towpath.ts";
import { visit, visitMany } from "./fixtures/visitors.ts";

/** The main job, as a platform engineer does it: enrol, lock down, allow, watch the locks, undo. */
const gateway = "istio-ingress/ingress-istio";
const webApi = "web-api/web-api";
const recommendation = "recommendation/recommendation";
const purchaseHistory = "purchase-history/purchase-history";
const chain = [
  [gateway, webApi],
  [webApi, recommendation],
  [recommendation, purchaseHistory],
] as const;

// Long enough to be worth a recording; elsewhere it would double the time.
test.use({ mesh: "story alone", trace: "retain-on-failure" });

test("a company of services is enrolled, locked down, opened by identity, and watched", async ({ page, towpath }) => {
  const portal = new Portal(page, towpath.portal);
  const cluster = new Cluster(towpath.kubeconfig);

  await test.step("1: calls work in plain text, and the graph shows no lock", async () => {
    await signIn(page, towpath.signIn.platform);
    const { status, body } = await visit(towpath.gateway);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      service: "web-api",
      upstreamCalls: [{ name: "recommendation", status: 200 }],
    });
    await portal.open("/graph");
    for (const [from, to] of chain) {
      await expect(portal.edge(from, to)).toBeAttached();
    }
    await expect(page.locator('[data-testid^="lock-"]')).toHaveCount(0);
  });

  await test.step("2: enrolling four namespaces restarts nothing and fails no request", async () => {
    const before = await cluster.lives();
    let enrolled = false;
    let after = 0;
    const load = visitMany(towpath.gateway, () => {
      after += enrolled ? 1 : 0;
      return after < 100;
    });
    await portal.open("/golden-paths/join-the-mesh");
    await page.getByTestId("all-namespaces").click();
    await expect(page.getByTestId("sentence")).toContainText("web-api");
    const receipt = await portal.apply();
    enrolled = true;
    const answers = await load;
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.length).toBeGreaterThan(100);
    expect(receipt).toMatch(/ of /);
    expect(await cluster.lives()).toEqual(before);
  });

  await test.step("3: 250 requests show as rates and locks; a lock opens onto both identities", async () => {
    const answers = await visitMany(towpath.gateway, (sent) => sent < 250);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await portal.open("/graph");
    for (const [from, to] of chain) {
      await expect(portal.lock(from, to)).toBeVisible();
    }
    await portal.lock(recommendation, purchaseHistory).click();
    await expect(page.getByTestId("caller-identity")).toContainText("/ns/recommendation/sa/recommendation");
    await expect(page.getByTestId("called-identity")).toContainText("/ns/purchase-history/sa/purchase-history");
    await expect(page.getByTestId("tls")).toContainText("TLS 1.3");
    await expect(page.getByTestId("certificates")).toContainText(/expire/);
  });

  await test.step("4: locking everything down names who would be cut off, and asks for the word", async () => {
    await portal.open("/golden-paths/lock-down");
    await page.getByRole("button", { name: "In the whole mesh" }).click();
    await expect(page.getByTestId("impact-ingress-istio-web-api")).toContainText("Denied");
    await expect(page.getByTestId("impact-web-api-recommendation")).toContainText("Denied");
    await expect(page.getByTestId("impact-recommendation-purchase-history")).toContainText("Denied");
    await expect(page.getByTestId("impact")).toContainText("3 callers");
    await page.getByRole("button", { name: "7 d", exact: true }).click();
    await expect(page).toHaveURL(/[?&]observed=7d/);
    await expect(page.getByText(/shorter than/)).toBeVisible();
    await expect(page.getByTestId("impact")).toContainText("3 callers");
  });

  await test.step("5: with only the gateway open, the hop behind it refuses and says why", async () => {
    await portal.apply("mesh");
    await expect.poll(async () => (await visit(towpath.gateway)).status).toBe(503);
    await portal.open("/denials");
    const row = page.getByTestId(`denial-${gateway}-${webApi}`).filter({ hasText: "No rule allows it" });
    await expect(row).toBeVisible();
    await row.click();
    await expect(page.getByTestId("denial-policy")).toContainText("deny-all");
    await expect(page.getByTestId("denial-detail")).toContainText("ingress-istio");
    await portal.open("/graph");
    await expect(portal.denied(gateway, webApi)).toBeVisible();
  });

  await test.step("6: the gateway is let in to web-api, which cannot reach recommendation", async () => {
    await portal.letIn(
      { name: "ingress-istio", namespace: "istio-ingress" },
      { name: "web-api", namespace: "web-api" },
    );
    const { status, body } = await visit(towpath.gateway);
    expect(status).toBe(502);
    expect(JSON.parse(body)).toMatchObject({ service: "web-api", error: expect.stringContaining("recommendation") });
  });

  await test.step("7: the whole chain is allowed, and answers", async () => {
    await portal.letIn(
      { name: "web-api", namespace: "web-api" },
      { name: "recommendation", namespace: "recommendation" },
    );
    await portal.letIn(
      { name: "recommendation", namespace: "recommendation" },
      { name: "purchase-history", namespace: "purchase-history" },
    );
    const answers = await visitMany(towpath.gateway, (sent) => sent < 20);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  await test.step("8: sleep is refused for its identity, whatever its address and wherever web-api runs", async () => {
    const url = "http://web-api.web-api:8080/";
    expect(await portal.tryAs(/^sleep/, url)).toEqual([{ status: "503", version: "" }]);
    const first = await cluster.pod("default", "sleep");
    await cluster.deletePod("default", first.name);
    await expect
      .poll(async () => (await cluster.pod("default", "sleep")).name)
      .not.toMatch(new RegExp(`^$|${first.name}`));
    expect((await cluster.pod("default", "sleep")).ip).not.toBe(first.ip);
    expect(await portal.tryAs(/^sleep/, url)).toEqual([{ status: "503", version: "" }]);

    const { node } = await cluster.pod("web-api", "web-api");
    const other = node === "node-a" ? "node-b" : "node-a";
    await cluster.moveTo("web-api", "web-api", other);
    await expect.poll(async () => (await cluster.pod("web-api", "web-api")).node).toBe(other);
    await expect.poll(async () => (await visit(towpath.gateway)).status).toBe(200);
    expect(await portal.tryAs(/^sleep/, url)).toEqual([{ status: "503", version: "" }]);

    await portal.open("/denials");
    const row = page.getByTestId(`denial-default/sleep-${webApi}`).first();
    await row.click();
    await expect(page.getByTestId("denial-detail").first()).toContainText("default/sa/sleep");
    await portal.open("/graph");
    await expect(portal.denied("default/sleep", webApi)).toBeVisible();
  });

  await test.step("19: the lock-down is undone from the history, and the former state is proven", async () => {
    await portal.open("/changes");
    const row = page.locator("tr", { hasText: /Lock down/ }).filter({ has: page.locator('[data-testid^="undo-"]') });
    await row.locator('[data-testid^="undo-"]').first().click();
    await page.getByTestId("confirm-undo").click();
    await expect(page.locator('tr[data-state="verified"]', { hasText: /Undo|undone/i }).first()).toBeVisible();
    expect(await portal.tryAs(/^sleep/, "http://httpbin.default:8000/get")).toEqual([{ status: "200", version: "" }]);
  });
});
