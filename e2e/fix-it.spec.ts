import type { Page } from "@playwright/test";
import { Caller } from "./fixtures/callers.ts";
import { Cluster } from "./fixtures/cluster.ts";
import type { Step } from "./fixtures/company.ts";
import { formOf } from "./fixtures/company.ts";
import { Portal } from "./fixtures/portal.ts";
import { expect, test } from "./fixtures/towpath.ts";

/** What golden paths refuse is let through by the golden path that refuses it; and copies of requests show as such. */
test.use({ storageState: async ({ people }, use) => use(await people.session("platform")) });

const httpbin = "http://httpbin.default:8000";
const service = { namespace: "default", name: "httpbin" };
const sleepIdentity = { kind: "identity", namespace: "default", serviceAccount: "sleep" };
const headersOnly: Step = {
  slug: "let-a-caller-in",
  values: {
    service,
    callers: [sleepIdentity],
    ports: [8000],
    requests: [{ methods: ["GET"], paths: ["/headers"] }],
    allowed: true,
  },
};

/** Applies a form that is open, and answers the address of the change. */
async function apply(page: Page): Promise<string> {
  await page.getByTestId("apply").click();
  const receipt = page.getByTestId("receipt");
  await expect(receipt).toHaveAttribute("data-state", "verified");
  return (await receipt.getByRole("link", { name: /^change/ }).getAttribute("href")) ?? "";
}

async function undo(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByTestId("confirm-undo").click();
  await expect(page).not.toHaveURL(address);
  await expect(page.getByTestId("receipt-message").last()).toContainText(/Enforced on|Done/);
}

/** Opens the refusal of a request and follows its button into the form. */
async function fix(page: Page, portal: string, request: string): Promise<void> {
  await page.goto(`${portal}/denials`);
  await page.getByTestId("denial-default/sleep-default/httpbin").filter({ hasText: request }).first().click();
  await expect(page.getByTestId("denial-detail")).not.toContainText("kubectl");
  await page.getByTestId("fix-it").click();
  await expect(page.getByTestId("sentence")).toBeVisible();
}

test("a path and a block that golden paths refuse are let through by their own forms, filled in", async ({
  page,
  company,
}) => {
  const sleep = new Caller(new Cluster(company.kubeconfig), "default", "sleep");
  await page.goto(company.portal + formOf(headersOnly));
  const narrowed = await apply(page);
  expect(await sleep.status(`${httpbin}/headers`)).toBe(200);
  expect(await sleep.status(`${httpbin}/ip`)).toBe(403);

  await fix(page, company.portal, "GET /ip");
  await expect(page.getByTestId("sentence")).toContainText("/ip");
  await expect(page.getByTestId("sentence")).toContainText("/headers");
  const widened = await apply(page);
  expect(await sleep.status(`${httpbin}/ip`)).toBe(200);
  expect(await sleep.status(`${httpbin}/headers`)).toBe(200);
  expect(await sleep.status(`${httpbin}/get`)).toBe(403);

  const block: Step["values"] = { service, who: "these", callers: [sleepIdentity], ports: [8000], blocked: true };
  await page.goto(`${company.portal}/golden-paths/block-a-caller?values=${encodeURIComponent(JSON.stringify(block))}`);
  await apply(page);
  expect(await sleep.status(`${httpbin}/headers`)).toBe(403);
  await fix(page, company.portal, "GET /headers");
  await expect(page.getByTestId("sentence")).toContainText("back: what other rules say holds again");
  await apply(page);
  expect(await sleep.status(`${httpbin}/headers`)).toBe(200);

  await undo(page, company.portal + widened);
  await undo(page, company.portal + narrowed);
});

test("what the rules are asked about is sent for real, and the answer is the same", async ({ page, company }) => {
  const question = new URLSearchParams({ from: "default/sleep", to: "web-api/web-api" });
  await page.goto(`${company.portal}/what-if?${question}`);
  await expect(page.getByTestId("what-if-verdict")).toHaveAttribute("data-verdict", "denied");
  await page.getByTestId("send-for-real").click();
  await expect(page.getByTestId("try-source")).toContainText("sleep");
  await expect(page.getByTestId("try-url")).toHaveValue(/^http:\/\/web-api\.web-api(\.svc\.cluster\.local)?:8080\//);
  await page.getByTestId("try-send").click();
  await expect(page.getByTestId("answer").first()).toHaveAttribute("data-status", "503");
  await expect(page.getByTestId("try-denial")).toContainText("sleep");
});

test("copies are a dotted edge of their own, which counts as no traffic and no error", async ({ page, company }) => {
  const cluster = new Cluster(company.kubeconfig);
  const sleep = new Caller(cluster, "default", "sleep");
  const mirror = {
    service,
    to: { kind: "service", service: { namespace: "web-api", name: "web-api" }, port: 8080 },
    percent: 100,
    enabled: true,
  };
  await page.goto(`${company.portal}/golden-paths/mirror-traffic?values=${encodeURIComponent(JSON.stringify(mirror))}`);
  const change = await apply(page);
  expect(new Set(await sleep.statuses(`${httpbin}/get`, 5))).toEqual(new Set([200]));

  const portal = new Portal(page, company.portal);
  await portal.open("/graph?window=5m");
  const edge = portal.edge("default/httpbin", "web-api/web-api");
  await expect(edge).toHaveAttribute("data-tone", "copies");
  await expect(edge).toContainText("Copies");
  await edge.getByRole("button").click();
  await expect(page.getByTestId("details-panel")).toContainText(/[5-9] copies of requests to httpbin/);
  await portal.open("/graph?window=5m&as=table");
  await expect(page.getByTestId("copies-default/httpbin-web-api/web-api")).toContainText("copies/s");
  await undo(page, company.portal + change);
});
