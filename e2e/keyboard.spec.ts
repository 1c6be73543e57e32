import type { Locator, Page } from "@playwright/test";
import { Portal } from "./fixtures/portal.ts";
import { expect, test } from "./fixtures/towpath.ts";

test.use({ storageState: async ({ people }, use) => use(await people.session("platform")) });

/** Presses Tab until the focus is where it should be, as a person without a mouse does. */
async function tabTo(page: Page, target: Locator, most = 60): Promise<void> {
  await expect(target).toBeVisible();
  const reached = () => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < most && !(await reached()); presses += 1) {
    await page.keyboard.press("Tab");
  }
  await expect(target, `reached within ${most} presses of Tab`).toBeFocused();
}

test("a caller is let in with the keyboard alone, from the palette to the receipt", async ({ page, company }) => {
  const portal = new Portal(page, company.portal);
  const { keyboard } = page;
  await portal.open("/");
  await expect(page.getByTestId("lead-time")).toBeVisible();

  await keyboard.press("Control+k");
  await keyboard.type("let a service call");
  await expect(page.getByRole("option", { selected: true })).toContainText("Let a service call");
  await keyboard.press("Enter");
  await expect(page).toHaveURL(/golden-paths\/let-a-caller-in/);
  await expect(page.getByTestId("field-service")).toBeVisible();

  await tabTo(page, page.getByTestId("field-service"));
  await keyboard.press("Enter");
  await keyboard.type("httpbin");
  await expect(page.getByRole("listbox").getByRole("option", { selected: true })).toContainText("httpbin");
  await keyboard.press("Enter");
  await expect(page.getByTestId("field-service")).toContainText("httpbin");

  await tabTo(page, page.getByTestId("add-caller"));
  await keyboard.press("Enter");
  await keyboard.type("purchase-history/");
  await expect(page.getByRole("listbox").getByRole("option", { selected: true })).toContainText("purchase-history");
  await keyboard.press("Enter");
  await expect(page.getByTestId("field-callers")).toContainText("purchase-history");

  await expect(page.getByTestId("sentence")).toContainText("purchase-history");
  await expect(page.getByTestId("apply")).toBeEnabled();
  await keyboard.press("Control+Enter");
  await expect(page.getByTestId("receipt")).toHaveAttribute("data-state", "verified");
});

test("[ folds the navigation and unfolds it, and the choice is kept", async ({ page, company }) => {
  const portal = new Portal(page, company.portal);
  await portal.open("/services");
  const label = page.getByRole("navigation", { name: "Main" }).getByText("Golden paths");
  await expect(label).toBeVisible();
  await page.keyboard.press("[");
  await expect(label).toBeHidden();
  await page.reload();
  await expect(page.getByTestId("user-menu")).toBeVisible();
  await expect(label).toBeHidden();
  await page.keyboard.press("[");
  await expect(label).toBeVisible();
});

test("typing [ into a field stays in the field", async ({ page, company }) => {
  const portal = new Portal(page, company.portal);
  await portal.open("/services");
  const label = page.getByRole("navigation", { name: "Main" }).getByText("Golden paths");
  const field = page.getByRole("searchbox").or(page.getByRole("textbox")).first();
  await field.focus();
  await page.keyboard.type("[");
  await expect(field).toHaveValue("[");
  await expect(label).toBeVisible();
});

test("the graph's table is reached by Tab, a row opens its panel, Escape closes it", async ({ page, company }) => {
  const portal = new Portal(page, company.portal);
  const { keyboard } = page;
  await portal.open("/graph?window=5m");
  const edge = "row-recommendation/recommendation-purchase-history/purchase-history";
  await expect(portal.edge("recommendation/recommendation", "purchase-history/purchase-history")).toBeAttached();

  await tabTo(page, page.getByRole("button", { name: "Table", exact: true }));
  await keyboard.press("Enter");
  await tabTo(page, page.getByTestId(edge).getByRole("button"));
  await keyboard.press("Enter");
  await expect(page.getByTestId("details-panel")).toBeVisible();
  await expect(page.getByTestId("caller-identity")).toContainText("/sa/recommendation");
  await keyboard.press("Escape");
  await expect(page.getByTestId("details-panel")).toHaveCount(0);
});
