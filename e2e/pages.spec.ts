import type { Page } from "@playwright/test";
import { lockDownSight, type Sight, sights } from "./fixtures/pages.ts";
import { Portal } from "./fixtures/portal.ts";
import {
  complaintsOf,
  expectAccessible,
  expectLandmarks,
  expectNoSidewaysScroll,
  expectReadableColours,
  expectTargets,
} from "./fixtures/soundness.ts";
import { expect, test } from "./fixtures/towpath.ts";

const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

/** Sound for everybody: in both colours, to assistive technology, on a phone, without a word in the console. */
async function expectSound(page: Page, portal: Portal, { open }: Sight): Promise<void> {
  const complaints = complaintsOf(page);
  await page.setViewportSize(wide);
  // What fades in while axe looks has neither its old nor its new colour.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(portal);
  await expectLandmarks(page);
  await expectAccessible(page, "dark");
  await page.emulateMedia({ colorScheme: "light" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await expectReadableColours(page, "light");
  await page.setViewportSize(phone);
  await expectNoSidewaysScroll(page);
  await expectTargets(page);
  expect(complaints).toEqual([]);
}

test.describe("behind the sign-in", () => {
  test.use({ storageState: async ({ people }, use) => use(await people.session("platform")) });

  for (const sight of [lockDownSight, ...sights]) {
    test(`${sight.name} is sound in both colours, by its landmarks and on a phone`, async ({ page, company }) => {
      await expectSound(page, new Portal(page, company.portal), sight);
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
