import { Caller } from "./fixtures/callers.ts";
import { Cluster } from "./fixtures/cluster.ts";
import { expect, test } from "./fixtures/towpath.ts";

const history = "http://purchase-history.purchase-history:8080/";
/** What a golden path wrote, opened to everybody by hand. */
const opened = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: purchase-history-callers, namespace: purchase-history }
spec:
  rules: [{}]
`;

test.use({ storageState: async ({ people }, use) => use(await people.session("platform")) });

test("what somebody edits by hand is shown with its effect, and put back on request", async ({ page, company }) => {
  const cluster = new Cluster(company.kubeconfig);
  const sleep = new Caller(cluster, "default", "sleep");
  expect(await sleep.status(history)).not.toBe(200);
  await cluster.apply(opened);
  await expect.poll(() => sleep.status(history)).toBe(200);

  await page.goto(`${company.portal}/`);
  await expect(page.getByTestId("drift-notice")).toContainText("purchase-history-callers");
  await page.getByTestId("drift-notice").getByRole("link", { name: "Compare" }).click();
  const item = page.getByTestId("drift-AuthorizationPolicy-purchase-history/purchase-history-callers");
  await expect(item).toContainText("Edited");
  await expect(item).toContainText("e2e");
  await expect(item.getByRole("region", { name: /form says/ })).toContainText("recommendation");
  await page.goto(`${company.portal}/services/purchase-history/purchase-history?tab=access`);
  await item.getByTestId("put-back").click();
  await page.getByTestId("confirm-drift").click();
  await expect(page).toHaveURL(/\/changes\//);
  await expect(page.getByTestId("receipt-message").last()).toContainText(/Enforced on/);

  expect(await sleep.status(history)).not.toBe(200);
  await page.goto(`${company.portal}/drift`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("Nothing was changed by others");
});
