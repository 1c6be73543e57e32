import type { Page } from "@playwright/test";
import { allowed, formOf, letSleepIn, lockDown, type Step } from "./fixtures/company.ts";
import { sights } from "./fixtures/pages.ts";
import { Portal } from "./fixtures/portal.ts";
import { expect, test } from "./fixtures/towpath.ts";

/** Dana's team owns web-api and nothing else. */
const inHerNamespace: Step = {
  slug: "let-a-caller-in",
  values: {
    service: { namespace: "web-api", name: "web-api" },
    callers: [{ kind: "identity", namespace: "default", serviceAccount: "httpbin" }],
    ports: [8080],
    allowed: true,
  },
};
const inAnotherTeams: Step = { ...inHerNamespace, values: { ...allowed[2]?.values, allowed: false } };

/** What a program with the person's cookie gets: the pages are not what protects. */
async function applyDirectly(page: Page, portal: string, { slug, values, word }: Step) {
  const path = `${portal}/api/v1/golden-paths/${slug}`;
  const preview = await page.request.post(`${path}/preview`, { headers: { origin: portal }, data: { values } });
  const { etag = "" } = (await preview.json()) as { etag?: string };
  const answer = await page.request.post(`${path}/apply`, {
    headers: { origin: portal },
    data: { values, etag, openedUnixMs: Date.now(), confirmation: word ?? "", reason: "", force: true },
  });
  return { ...((await answer.json()) as { code: string; detail: string; id: string }), status: answer.status() };
}

test.describe("Dana, a developer of web-api", () => {
  test.use({ storageState: async ({ people }, use) => use(await people.session("developer")) });

  test("lets a caller in to her own service, and withdraws it", async ({ page, company }) => {
    const portal = new Portal(page, company.portal);
    await portal.openForm(inHerNamespace);
    await portal.apply();
    await portal.openForm({ ...inHerNamespace, values: { ...inHerNamespace.values, allowed: false } });
    await portal.apply();
  });

  for (const [name, step, who] of [
    ["another team's namespace", inAnotherTeams, "purchase-history"],
    ["the whole mesh", { ...lockDown, values: { ...lockDown.values, locked: false } }, "the platform engineers"],
  ] as const) {
    test(`asks who owns ${name}, and the server changes nothing before they agree`, async ({ page, company }) => {
      await page.goto(`${company.portal}${formOf(step)}`);
      await expect(page.getByTestId("apply")).toContainText(`Request approval from ${who}`);
      const answer = await applyDirectly(page, company.portal, step);
      expect(answer).toMatchObject({ status: 202, state: "waiting", withdrawable: true });
      const withdrawn = await page.request.post(`${company.portal}/api/v1/changes/${answer.id}/withdraw`, {
        headers: { origin: company.portal },
        data: {},
      });
      expect(withdrawn.status()).toBe(200);
      await page.reload();
      await expect(page.getByTestId("apply")).toContainText(`Request approval from ${who}`);
    });
  }

  test("does not find the audit, and is told whom to ask", async ({ page, company }) => {
    await page.goto(`${company.portal}/audit`);
    await expect(page.getByRole("main")).toContainText(/does not allow/);
    await expect(page.getByRole("main")).toContainText(/auditor/);
    await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit" })).toHaveCount(0);
    expect((await page.request.get(`${company.portal}/api/v1/audit`)).status()).toBe(403);
  });

  test("sends as her own workload; those of others are not offered, and the server refuses them", async ({
    page,
    company,
  }) => {
    const portal = new Portal(page, company.portal);
    expect(await portal.tryAs(/^web-api/, "http://recommendation.recommendation:8080/")).toMatchObject([
      { status: "200" },
    ]);
    await page.getByTestId("try-source").click();
    await expect(page.getByRole("option", { name: /^sleep/ })).toBeDisabled();
    const answer = await page.request.post(`${company.portal}/api/v1/try`, {
      headers: { origin: company.portal },
      data: {
        source: { kind: "workload", namespace: "default", workload: "sleep" },
        url: "http://httpbin.default:8000/get",
      },
    });
    expect(answer.status()).toBe(403);
  });

  test("a mutation from another site is refused although the cookie came along", async ({ page, company }) => {
    for (const headers of [{ origin: "http://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      const answer = await page.request.post(`${company.portal}/api/v1/golden-paths/let-a-caller-in/apply`, {
        headers,
        data: { values: inHerNamespace.values, etag: "", openedUnixMs: Date.now() },
      });
      expect(answer.status()).toBe(403);
      expect(await answer.json()).toMatchObject({ code: "wrong-origin" });
    }
  });
});

test.describe("Alex, an auditor", () => {
  test.use({ storageState: async ({ people }, use) => use(await people.session("auditor")) });

  test("reads every page of evidence", async ({ page, company }) => {
    const portal = new Portal(page, company.portal);
    const wanted = ["overview", "graph-edge", "services", "service", "change", "denials", "mesh", "audit", "teams"];
    for (const sight of sights.filter(({ name }) => wanted.includes(name))) {
      await sight.open(portal);
    }
    await portal.open("/audit");
    const rows = page.getByRole("main").getByRole("row");
    await expect(rows.filter({ hasText: "Pat" }).first()).toBeVisible();
    await expect(rows.filter({ hasText: "Dana" }).filter({ hasText: "Refused" }).first()).toBeVisible();
    const exported = await page.request.get(`${company.portal}/api/v1/audit/export`);
    expect(exported.status()).toBe(200);
    expect(await exported.text()).toContain("Pat");
  });

  test("can apply, undo and send nothing, and is told who can", async ({ page, company }) => {
    const portal = new Portal(page, company.portal);
    await portal.open(formOf(letSleepIn));
    await expect(page.getByTestId("apply")).toBeDisabled();
    await expect(page.getByRole("main")).toContainText(/developer|platform/);
    expect(await applyDirectly(page, company.portal, letSleepIn)).toMatchObject({ status: 403, code: "forbidden" });

    await portal.open("/changes");
    await expect(page.getByTestId("change-1")).toBeVisible();
    await expect(page.locator('[data-testid^="undo-"]:enabled')).toHaveCount(0);
    const id = (await page.getByTestId("change-1").getByRole("link").first().getAttribute("href"))?.split("/").at(-1);
    const undo = await page.request.post(`${company.portal}/api/v1/changes/${id}/undo`, {
      headers: { origin: company.portal },
      data: { openedUnixMs: Date.now(), reason: "", force: true },
    });
    expect(undo.status()).toBe(403);

    const sent = await page.request.post(`${company.portal}/api/v1/try`, {
      headers: { origin: company.portal },
      data: { source: { kind: "outside" }, url: "http://127.0.0.1/" },
    });
    expect(sent.status()).toBe(403);
  });
});

test.describe("at the door", () => {
  test("who is signed out is sent to the sign-in, and the API answers nothing", async ({ page, company }) => {
    for (const path of ["/", "/graph?window=5m", "/golden-paths/lock-down", "/audit"]) {
      await page.goto(`${company.portal}${path}`);
      await expect(page).toHaveURL(`${company.portal}/sign-in?next=${encodeURIComponent(path)}`);
      await expect(page.getByRole("heading", { level: 1, name: "Sign in with a link" })).toBeVisible();
    }
    for (const path of ["me", "graph", "services", "changes", "audit", "mesh"]) {
      expect((await page.request.get(`${company.portal}/api/v1/${path}`)).status()).toBe(401);
    }
  });

  test("a used link, and one that never was, are explained with the way to a new one", async ({
    page,
    people,
    company,
  }) => {
    await people.session("developer");
    await page.goto(company.signIn.developer);
    await expect(page.getByRole("heading", { level: 1, name: "This link was used" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("npm start");
    await page.goto(`${company.portal}/sign-in?token=${"nonsense-".repeat(5)}`);
    await expect(page.getByRole("heading", { level: 1, name: "This link is not known" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("npm start");
  });

  test("signing out ends the session on the server too", async ({ browser, people, company }) => {
    // Alex is done: nobody needs this session any more.
    const session = await people.session("auditor");
    const page = await browser.newPage({ storageState: session });
    await page.goto(company.portal);
    await page.getByTestId("user-menu").click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "You are signed out" })).toBeVisible();
    await page.close();

    const thief = await browser.newPage({ storageState: session });
    expect((await thief.request.get(`${company.portal}/api/v1/me`)).status()).toBe(401);
    await thief.goto(company.portal);
    await expect(thief.getByRole("heading", { level: 1, name: "Your session has ended" })).toBeVisible();
    await thief.close();
  });
});
