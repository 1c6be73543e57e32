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

/** The same, with one caller more. */
const oneMore = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: purchase-history-callers, namespace: purchase-history }
spec:
  rules:
    - from: [{ source: { serviceAccounts: [default/sleep, recommendation/recommendation] } }]
      to: [{ operation: { ports: ["8080"] } }]
`;
const callers = "purchase-history/purchase-history-callers";

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

test("an edit by hand that a form can say is taken over, holds, and is undone like any change", async ({
  page,
  company,
}) => {
  const cluster = new Cluster(company.kubeconfig);
  const sleep = new Caller(cluster, "default", "sleep");
  await cluster.apply(oneMore);
  await expect.poll(() => sleep.status(history)).toBe(200);

  await page.goto(`${company.portal}/drift`);
  const item = page.getByTestId(`drift-AuthorizationPolicy-${callers}`);
  await expect(item).toContainText(/Taking over means: .*sleep/);
  await item.getByTestId("take-over").click();
  await expect(page.getByRole("dialog")).toContainText("Traffic goes on as it does now");
  await page.getByLabel("Why").fill("It helped last night");
  await page.getByTestId("confirm-drift").click();
  await expect(page).toHaveURL(/\/changes\//);
  await expect(page.getByTestId("receipt-message").last()).toContainText(/Enforced on|Done/);
  await expect(page.getByRole("main")).toContainText("It helped last night");

  // Now it is what the forms say: no drift, a row of its own, and the traffic goes on.
  expect(await sleep.status(history)).toBe(200);
  const taken = new URL(page.url()).pathname;
  await page.goto(`${company.portal}/drift`);
  await expect(page.getByRole("main")).toContainText("Nothing was changed by others");
  await page.goto(`${company.portal}/services/purchase-history/purchase-history?tab=access`);
  await expect(page.getByTestId("in-force-let-a-caller-in").filter({ hasText: "sleep may call" })).toBeVisible();

  await page.goto(company.portal + taken);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByTestId("confirm-undo").click();
  await expect(page).not.toHaveURL(company.portal + taken);
  await expect(page.getByTestId("receipt-message").last()).toContainText(/Enforced on/);
  await expect.poll(() => sleep.status(history)).not.toBe(200);
});

test("what no form can say is put back only, and a stale page does not overwrite a second edit", async ({
  page,
  company,
}) => {
  const cluster = new Cluster(company.kubeconfig);
  await cluster.apply(opened);
  await page.goto(`${company.portal}/drift`);
  const item = page.getByTestId(`drift-AuthorizationPolicy-${callers}`);
  await item.getByTestId("put-back").click();
  await cluster.apply(oneMore);
  await page.getByTestId("confirm-drift").click();
  await expect(page.getByRole("dialog")).toContainText(/changed|edited/);
  await expect(page).toHaveURL(/\/drift/);
  await page.keyboard.press("Escape");
  await expect(item).toContainText("default/sleep");
  await item.getByTestId("put-back").click();
  await page.getByTestId("confirm-drift").click();
  await expect(page).toHaveURL(/\/changes\//);
  await expect(page.getByTestId("receipt-message").last()).toContainText(/Enforced on/);
  await page.goto(`${company.portal}/drift`);
  await expect(page.getByRole("main")).toContainText("Nothing was changed by others");
});
