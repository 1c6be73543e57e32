import type { Page } from "@playwright/test";
import { allowed, enrol } from "./fixtures/company.ts";
import { PathForm } from "./fixtures/path-form.ts";
import { Portal } from "./fixtures/portal.ts";
import { expect, test } from "./fixtures/towpath.ts";

/** What belongs to another team is proposed, and that team decides. Nothing is changed before. */
test.use({ storageState: async ({ people }, use) => use(await people.session("developer")) });

/** A page of somebody else, beside the one of the test. */
const asPlatform = test.extend<{ pat: Page }>({
  pat: async ({ browser, people }, use) => {
    const page = await browser.newPage({ storageState: await people.session("platform") });
    await use(page);
    await page.close();
  },
});

/** Dana fills in retries for a service of another team, and asks. The address of the change. */
async function propose(page: Page, portal: string, attempts: string, why: string): Promise<string> {
  const form = new PathForm(new Portal(page, portal));
  await form.open("retries");
  await form.service("purchase-history");
  await form.field("attempts").fill(attempts);
  await page.getByTestId("reason").fill(why);
  await expect(page.getByTestId("apply")).toHaveText(/Request approval from .*purchase-history/);
  await page.getByTestId("apply").click();
  const receipt = page.getByTestId("receipt");
  await expect(receipt).toHaveAttribute("data-state", "waiting");
  await receipt.getByRole("link", { name: /^change/ }).click();
  await expect(page.getByTestId("approvals")).toBeVisible();
  return new URL(page.url()).pathname;
}

const decide = (page: Page, portal: string, change: string, decision: "approve" | "reject") =>
  page.request.post(`${portal}/api/v1${change}/${decision}`, {
    headers: { origin: portal },
    data: { comment: "", etag: "" },
  });

asPlatform("Dana proposes, cannot agree with herself, and Pat's yes applies it", async ({ page, pat, company }) => {
  const change = await propose(page, company.portal, "2", "The order page fails too often");

  await expect(page.getByTestId("approval-purchase-history")).toHaveAttribute("data-state", "waiting");
  await expect(page.getByTestId("approve")).toHaveCount(0);
  const own = await decide(page, company.portal, change, "approve");
  expect(own.status()).toBe(403);
  expect(await own.json()).toMatchObject({ code: "own-change" });
  await page.goto(`${company.portal}/`);
  await expect(page.getByTestId("you-wait-for")).toContainText("purchase-history");

  await pat.goto(`${company.portal}/`);
  await pat.getByTestId("waits-for-you").getByRole("link", { name: "Review" }).first().click();
  await expect(pat).toHaveURL(company.portal + change);
  await expect(pat.getByRole("main")).toContainText("The order page fails too often");
  await pat.getByLabel(/^Comment/).fill("Two tries are fine");
  await pat.getByTestId("approve").click();
  await expect(pat.getByRole("dialog")).toContainText("it is applied at once");
  await pat.getByTestId("confirm-decision").click();
  await expect(pat.getByTestId("approval-purchase-history")).toHaveAttribute("data-state", "approved");
  await expect(pat.getByTestId("receipt-message").last()).toContainText(/Enforced on \d+ of \d+/);

  await page.goto(company.portal + change);
  await expect(page.getByTestId("approval-purchase-history")).toContainText("Two tries are fine");
  expect((await decide(pat, company.portal, change, "reject")).status()).toBe(409);

  await pat.getByRole("button", { name: "Undo" }).click();
  await pat.getByTestId("confirm-undo").click();
  await expect(pat).not.toHaveURL(company.portal + change);
  await expect(pat.getByTestId("receipt-message").last()).toContainText(/Enforced on|Done/);
});

asPlatform("a no ends it with its reason, and nothing was changed", async ({ page, pat, company }) => {
  const change = await propose(page, company.portal, "9", "More is better");
  await pat.goto(`${company.portal}/changes?for=me`);
  await pat.getByRole("link", { name: "Review" }).first().click();
  await pat.getByLabel(/^Comment/).fill("Nine tries make a storm");
  await pat.getByTestId("reject").click();
  await pat.getByTestId("confirm-decision").click();
  await expect(pat.getByTestId("approval-purchase-history")).toHaveAttribute("data-state", "rejected");
  await page.goto(`${company.portal}/changes?state=rejected`);
  await expect(page.getByRole("main")).toContainText("Nine tries make a storm");
  expect((await decide(pat, company.portal, change, "approve")).status()).toBe(409);
  await page.goto(`${company.portal}/services/purchase-history/purchase-history?tab=access`);
  await expect(page.getByTestId("offer-retries")).toBeVisible();
});

test("Dana takes her own proposal back while it waits", async ({ page, company }) => {
  await propose(page, company.portal, "3", "Never mind");
  await page.getByTestId("withdraw").click();
  await page.getByTestId("confirm-decision").click();
  await expect(page.getByTestId("withdraw")).toHaveCount(0);
  await expect(page.getByRole("main")).toContainText("Withdrawn");
});

asPlatform(
  "two people in one form: the slower one sees both versions, and neither loses anything",
  async ({ page, pat, company }) => {
    const dana = new PathForm(new Portal(page, company.portal));
    const quicker = new PathForm(new Portal(pat, company.portal));
    await dana.open("let-a-caller-in");
    await dana.service("web-api");
    await dana.caller("purchase-history", "purchase-history");
    await expect(page.getByTestId("apply")).toBeEnabled();
    // What she looks at stays as it is.
    await page.getByRole("button", { name: "Pause (space)" }).first().click();
    await quicker.open("let-a-caller-in");
    await quicker.service("web-api");
    await quicker.caller("recommendation", "recommendation");
    const first = await quicker.apply();

    await page.getByTestId("apply").click();
    const dialog = page.getByRole("dialog", { name: "Somebody changed it meanwhile" });
    await expect(dialog.locator("figure", { hasText: "As it is now" })).toContainText("recommendation/recommendation");
    const expected = dialog.locator("figure", { hasText: "As it was expected" });
    await expect(expected).toContainText("istio-ingress/ingress-istio");
    await expect(expected).not.toContainText("recommendation/recommendation");
    await dialog.getByRole("button", { name: "Look at the new preview" }).click();
    await expect(dialog).toHaveCount(0);
    const second = await dana.apply();

    await page.goto(`${company.portal}/services/web-api/web-api?tab=access`);
    const inForce = page.getByTestId("in-force-let-a-caller-in");
    await expect(inForce.filter({ hasText: "recommendation may call" })).toBeVisible();
    await expect(inForce.filter({ hasText: "purchase-history may call" })).toBeVisible();
    await dana.undoFromHistory(second);
    await quicker.undo(first);
  },
);

/** What `company` brought about stays as it was: the tests above undo, reject or withdraw what they propose. */
asPlatform("what the company had before still holds", async ({ pat, company }) => {
  const portal = new Portal(pat, company.portal);
  for (const step of [enrol, ...allowed]) {
    await portal.openForm(step);
    await expect(pat.getByTestId("blocked-because")).toHaveText(/already so/);
  }
});
