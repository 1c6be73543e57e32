import type { Page } from "@playwright/test";
import type { GuardrailsView } from "../server/contracts/guardrails.ts";
import { formOf, type Step } from "./fixtures/company.ts";
import { PathForm } from "./fixtures/path-form.ts";
import { Portal } from "./fixtures/portal.ts";
import { test as base, expect } from "./fixtures/towpath.ts";

/** What platform engineers set holds for everybody: in the form, and for whoever goes around the form. */
const test = base.extend<{ dana: Page }>({
  dana: async ({ browser, people }, use) => {
    const page = await browser.newPage({ storageState: await people.session("developer") });
    await use(page);
    await page.close();
  },
});

test.use({ storageState: async ({ people }, use) => use(await people.session("platform")) });

const settings = "/settings/guardrails";
/** Dana's own service: without guardrails she would apply this alone. */
const letHttpbinIn: Step = {
  slug: "let-a-caller-in",
  values: {
    service: { namespace: "web-api", name: "web-api" },
    callers: [{ kind: "identity", namespace: "default", serviceAccount: "httpbin" }],
    ports: [8080],
    allowed: true,
  },
};

/** Whatever a test set is taken away: other specs share this Towpath. */
test.afterEach(async ({ page, company }) => {
  const address = `${company.portal}/api/v1${settings}`;
  const { etag } = (await (await page.request.get(address)).json()) as GuardrailsView;
  const cleared = await page.request.put(address, {
    headers: { origin: company.portal },
    data: { paths: [], freezes: [], approvalHours: 72, etag },
  });
  expect(cleared.status()).toBe(200);
});

async function save(page: Page): Promise<void> {
  await page.getByTestId("save-guardrails").click();
  await expect(page.getByText("hold from now on")).toBeVisible();
}

/** The same form, sent without the portal's pages. */
const send = (page: Page, portal: string, slug: string, values: object) =>
  page.request.post(`${portal}/api/v1/golden-paths/${slug}/apply`, {
    headers: { origin: portal },
    data: { values, etag: "", confirmation: "", reason: "", openedUnixMs: Date.now(), force: false },
  });

/** A freeze that began an hour ago, as Pat enters it in her own time zone. */
async function freeze(page: Page, portal: string, title: string): Promise<void> {
  await page.goto(portal + settings);
  await page.getByTestId("add-freeze").click();
  const entry = page.getByTestId("freeze");
  await entry.getByLabel("Why").fill(title);
  const start = await entry.getByLabel("From").inputValue();
  await entry.getByLabel("From").fill(`${Number(start.slice(0, 4)) - 1}${start.slice(4, 8)}01T00:00`);
  await expect(entry).toHaveAttribute("data-state", "now");
  await save(page);
}

test("a limit is refused beside the field, and by the server", async ({ page, dana, company }) => {
  await page.goto(company.portal + settings);
  await page.getByTestId("rule-retries").getByRole("button").click();
  await page.getByLabel("Retries, at most").fill("3");
  await save(page);

  const form = new PathForm(new Portal(dana, company.portal));
  await form.open("retries");
  await form.service("web-api");
  await form.field("attempts").fill("9");
  await expect(dana.getByRole("main")).toContainText("at most 3");
  await expect(dana.getByTestId("apply")).toBeDisabled();
  const around = await send(dana, company.portal, "retries", {
    service: { namespace: "web-api", name: "web-api" },
    attempts: 9,
  });
  expect(around.status()).toBe(422);
  expect(await around.json()).toMatchObject({
    code: "blocked-by-findings",
    detail: expect.stringContaining("at most 3"),
  });

  await form.field("attempts").fill("3");
  await expect(dana.getByTestId("apply")).toBeEnabled();
});

test("a path that is switched off says so before anybody fills it in", async ({ page, dana, company }) => {
  await page.goto(company.portal + settings);
  await page.getByLabel(/^Who may use “Test with faults/).selectOption("nobody");
  await save(page);

  await dana.goto(`${company.portal}/golden-paths/test-with-faults`);
  await expect(dana.getByTestId("restricted")).toContainText("switched this path off");
  await page.goto(`${company.portal}/golden-paths/test-with-faults`);
  await expect(page.getByTestId("restricted")).toContainText("switched this path off");
});

test("a freeze stops what Dana owns; Pat goes on with a reason, which stays on record", async ({
  page,
  dana,
  company,
}) => {
  await freeze(page, company.portal, "Christmas business");

  await dana.goto(company.portal + formOf(letHttpbinIn));
  await expect(dana.getByTestId("blocked-because")).toContainText(
    /Nothing is changed anywhere until .*Christmas business/,
  );
  await expect(dana.getByTestId("blocked-because")).toContainText("ask a platform engineer");
  await expect(dana.getByTestId("apply")).toBeDisabled();
  const around = await send(dana, company.portal, letHttpbinIn.slug, letHttpbinIn.values);
  expect(await around.json()).toMatchObject({ code: "frozen" });

  await page.goto(company.portal + formOf(letHttpbinIn));
  await expect(page.getByRole("main")).toContainText("Enter a reason to change it all the same");
  await page.getByTestId("reason").fill("The order page is down");
  await page.getByTestId("apply").click();
  await expect(page.getByTestId("receipt")).toHaveAttribute("data-state", "verified");
  await page
    .getByTestId("receipt")
    .getByRole("link", { name: /^change/ })
    .click();
  await expect(page.getByRole("main")).toContainText("during a freeze: The order page is down");

  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByTestId("confirm-undo").click();
  await expect(page.getByTestId("receipt-message").last()).toContainText(/Enforced on|Done/);
});

test("what Dana proposed before a freeze goes through when Pat approves it with a reason", async ({
  page,
  dana,
  company,
}) => {
  const form = new PathForm(new Portal(dana, company.portal));
  await form.open("retries");
  await form.service("purchase-history");
  await form.field("attempts").fill("2");
  await dana.getByTestId("reason").fill("The order page fails too often");
  await dana.getByTestId("apply").click();
  const receipt = dana.getByTestId("receipt");
  await expect(receipt).toHaveAttribute("data-state", "waiting");
  await receipt.getByRole("link", { name: /^change/ }).click();
  await expect(dana.getByTestId("approvals")).toBeVisible();
  const change = new URL(dana.url()).pathname;

  await freeze(page, company.portal, "Quarter end");
  await page.goto(company.portal + change);
  await page.getByTestId("approve").click();
  await page.getByTestId("confirm-decision").click();
  await expect(page.getByRole("dialog")).toContainText(/until .*Quarter end/);
  await page.keyboard.press("Escape");
  await page.getByLabel(/^Comment/).fill("Callers see errors now");
  await page.getByTestId("approve").click();
  await page.getByTestId("confirm-decision").click();
  await expect(page.getByTestId("receipt-message").last()).toContainText(/Enforced on \d+ of \d+/);
  await expect(page.getByRole("main")).toContainText("lets it be applied during a freeze");

  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByTestId("confirm-undo").click();
  await expect(page).not.toHaveURL(company.portal + change);
  await expect(page.getByTestId("receipt-message").last()).toContainText(/Enforced on|Done/);
});
