import type { Page } from "@playwright/test";
import { filledInForms } from "./fixtures/forms.ts";
import { lockDownSight, sights } from "./fixtures/pages.ts";
import { Portal } from "./fixtures/portal.ts";
import { complaintsOf, expectAccessible, expectNoSidewaysScroll, expectSound } from "./fixtures/soundness.ts";
import { expect, test } from "./fixtures/towpath.ts";

const phone = { width: 390, height: 844 };

test.describe("behind the sign-in", () => {
  test.use({ storageState: async ({ people }, use) => use(await people.session("platform")) });

  // One window for all: what a browser has loaded once it need not load again for every page.
  let window: Page;
  let complaints: string[];
  test.beforeAll(async ({ browser, people }) => {
    window = await browser.newPage({ storageState: await people.session("platform") });
    complaints = complaintsOf(window);
  });
  test.afterAll(() => window.close());

  for (const { name, open } of [lockDownSight, ...sights, ...filledInForms]) {
    test(`${name} is sound in both colours, by its landmarks and on a phone`, async ({ company }) => {
      complaints.length = 0;
      await expectSound(window, () => open(new Portal(window, company.portal)));
      expect(complaints).toEqual([]);
    });
  }

  test("an address that leads nowhere says so and leads back", async ({ page, towpath }) => {
    await page.goto(`${towpath.portal}/no-such-page`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectAccessible(page, "dark");
    await page.getByRole("main").getByRole("link").first().click();
    await expect(page.getByTestId("user-menu")).toBeVisible();
  });
});

test.describe("before the sign-in", () => {
  for (const [name, address] of [
    ["with a link that is still good", (links: { auditor: string }) => links.auditor],
    ["without a link", (_: object, portal: string) => `${portal}/sign-in`],
  ] as const) {
    test(`the sign-in page ${name} is sound in both colours and on a phone`, async ({ page, towpath }) => {
      const complaints = complaintsOf(page);
      await page.goto(address(towpath.signIn, towpath.portal));
      await expect(page.getByRole("heading", { level: 1, name: /^Sign in/ })).toBeVisible();
      await expect(page.getByRole("main")).toHaveCount(1);
      for (const colorScheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.reload();
        await expect(page.getByRole("heading", { level: 1, name: /^Sign in/ })).toBeVisible();
        await expectAccessible(page, colorScheme);
      }
      await page.setViewportSize(phone);
      await expectNoSidewaysScroll(page);
      expect(complaints).toEqual([]);
    });
  }
});
