import type { Locator, Page } from "@playwright/test";
import { Cluster } from "./fixtures/cluster.ts";
import { enrol } from "./fixtures/company.ts";
import { Portal } from "./fixtures/portal.ts";
import {
  complaintsOf,
  expectAccessible,
  expectNoSidewaysScroll,
  expectReadableColours,
  expectTargets,
} from "./fixtures/soundness.ts";
import { expect, test } from "./fixtures/towpath.ts";

/** Rules about methods, paths and headers, written with kubectl: what the portal shows of them and of who they refuse. */
const httpbin = "http://httpbin.default:8000";
const sleepToHttpbin = ["default/sleep", "default/httpbin"] as const;
const edge = `/graph?window=5m&edge=${encodeURIComponent("default/sleep~default/httpbin")}`;
const gatewayApi = "gateway.networking.k8s.io/v1";
const security = "security.istio.io/v1";

const waypoint = `
apiVersion: ${gatewayApi}
kind: Gateway
metadata: { name: waypoint, namespace: default, labels: { istio.io/waypoint-for: service } }
spec: { gatewayClassName: istio-waypoint, listeners: [{ name: mesh, port: 15008, protocol: HBONE }] }
`;
const useIt = `
apiVersion: v1
kind: Namespace
metadata: { name: default, labels: { istio.io/use-waypoint: waypoint } }
`;
const rules = `
apiVersion: ${security}
kind: AuthorizationPolicy
metadata: { name: httpbin-allow, namespace: default }
spec:
  targetRefs: [{ group: "", kind: Service, name: httpbin }]
  action: ALLOW
  rules:
    - from: [{ source: { serviceAccounts: [default/sleep] } }]
      to: [{ operation: { methods: [GET], paths: [/headers, "/status/*"] } }]
      when: [{ key: "request.headers[x-test-me]", values: ["*"] }]
---
apiVersion: ${gatewayApi}
kind: HTTPRoute
metadata: { name: httpbin, namespace: default }
spec:
  parentRefs: [{ group: "", kind: Service, name: httpbin, port: 8000 }]
  rules: [{ backendRefs: [{ name: httpbin, port: 8000 }], retry: { attempts: 2, codes: [503] } }]
`;
const guard = `
apiVersion: ${security}
kind: AuthorizationPolicy
metadata: { name: httpbin-only-waypoint, namespace: default }
spec:
  selector: { matchLabels: { app: httpbin } }
  action: ALLOW
  rules: [{ from: [{ source: { serviceAccounts: [default/waypoint] } }] }]
`;

test.use({ mesh: "waypoint alone", storageState: async ({ people }, use) => use(await people.session("platform")) });

/** In both colours and on a phone, without a word in the console. */
async function expectSound(page: Page, landmark: Locator): Promise<void> {
  await page.emulateMedia({ reducedMotion: "reduce", colorScheme: "dark" });
  await expect(landmark).toBeVisible();
  await expectAccessible(page, "dark");
  await page.emulateMedia({ reducedMotion: "reduce", colorScheme: "light" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await expectReadableColours(page, "light");
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ reducedMotion: "reduce", colorScheme: "dark" });
}

test("a namespace gets a waypoint, and the portal tells what its rules do", async ({ page, towpath }) => {
  const portal = new Portal(page, towpath.portal);
  const cluster = new Cluster(towpath.kubeconfig);
  const complaints = complaintsOf(page);
  const header = { name: "x-test-me", value: "1" };

  /** "Try it", as sleep: one request, and its answer's status. */
  const send = async (path: string, method = "GET", headers: readonly (typeof header)[] = []): Promise<string> => {
    await portal.open(`/try-it?as=default/sleep&url=${encodeURIComponent(`${httpbin}${path}`)}`);
    if (method !== "GET") {
      await page.getByRole("combobox", { name: "Method" }).or(page.getByLabel("Method")).first().click();
      await page.getByRole("option", { name: method, exact: true }).click();
    }
    for (const { name, value } of headers) {
      await page.getByRole("button", { name: "Add a header" }).click();
      await page.getByLabel("Name of the header").last().fill(name);
      await page.getByLabel("Value of the header").last().fill(value);
    }
    await page.getByTestId("try-send").click();
    const answer = page.getByTestId("answer");
    await expect(answer).toHaveCount(1);
    await expect(page.getByTestId("try-send")).toBeEnabled();
    return (await answer.getAttribute("data-status")) ?? "";
  };

  await test.step("the waypoint is given, and the pages say what can pass it by", async () => {
    await portal.bringAbout(enrol);
    await cluster.apply(waypoint);
    await expect.poll(() => cluster.holds(gatewayApi, "Gateway", "default/waypoint", "Programmed")).toBe(true);
    await cluster.apply(useIt);
    await expect.poll(() => cluster.holds("v1", "Service", "default/httpbin", "istio.io/WaypointBound")).toBe(true);
    await cluster.apply(rules);
    await expect
      .poll(() => cluster.holds(security, "AuthorizationPolicy", "default/httpbin-allow", "towpath.dev/Enforced"))
      .toBe(true);
    await portal.open("/mesh");
    await expect(page.getByTestId("gateway-default/waypoint")).toHaveAttribute("data-ready", "true");
    await expect(page.getByTestId("serves-default/httpbin")).toHaveAttribute("data-way", "open");
    await expect(page.getByTestId("serves-default/httpbin")).toContainText("pod default/httpbin");
    await portal.open("/services/default/httpbin?tab=access");
    await expect(page.getByTestId("waypoint-warning")).toContainText("add an ALLOW policy");
    await cluster.apply(guard);
    await expect(page.getByTestId("waypoint-warning")).toHaveCount(0);
    await expect(page.getByTestId("waypoint-badge").first()).toHaveAttribute("data-way", "guarded");
  });

  await test.step("a refusal says in place who refused and why; with the header the call gets through", async () => {
    expect(await send("/ip")).toBe("403");
    await expect(page.getByTestId("answered-by")).toHaveText("waypoint default/waypoint");
    await expect(page.getByTestId("try-denial")).toContainText("Path not allowed");
    await expect(page.getByTestId("try-denial")).toContainText("/headers, /status/*");
    expect(await send("/headers")).toBe("403");
    await expect(page.getByTestId("try-denial").filter({ hasText: "x-test-me" })).toBeVisible();
    expect(await send("/headers", "POST", [header])).toBe("403");
    await expect(page.getByTestId("try-denial").filter({ hasText: "Method not allowed" })).toBeVisible();
    expect(await send("/headers", "GET", [header])).toBe("200");
    expect(await send("/status/503", "GET", [header])).toBe("503");
    await expect(page.getByTestId("try-behind")).toContainText(/2 retries|retries/);
    await expectSound(page, page.getByTestId("answer"));
  });

  await test.step("the denial opens into hop, rule, what was expected and the next step", async () => {
    await portal.open("/denials");
    const row = page.getByTestId("denial-default/sleep-default/httpbin").filter({ hasText: "GET /ip" });
    await expect(row).toContainText("httpbin-allow");
    await row.click();
    const detail = page.getByTestId("denial-detail");
    await expect(page.getByTestId("denial-request")).toContainText("GET /ip");
    await expect(page.getByTestId("denial-answer")).toContainText("403 from the waypoint default/waypoint");
    await expect(page.getByTestId("denial-policy")).toContainText("default/httpbin-allow");
    await expect(page.getByTestId("denial-compare")).toContainText("/headers");
    await expect(page.getByTestId("next-step")).toContainText("add it to the paths of rule 1");
    await expect(detail).toContainText("Allow policies: 1 read, none matched");
    await detail.getByText("The rule", { exact: true }).click();
    await expect(page.getByTestId("denial-rule")).toContainText("request.headers[x-test-me]");
    await expectSound(page, detail);
  });

  await test.step("an edge with a lock and refusals is opened by one target, large enough on a phone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await portal.open("/graph?window=5m");
    await expect(portal.lock(...sleepToHttpbin)).toBeVisible();
    await expect(portal.denied(...sleepToHttpbin)).toBeVisible();
    await expectTargets(page);
    await portal.denied(...sleepToHttpbin).click();
    await expect(page.getByTestId("details-panel")).toBeVisible();
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  await test.step("the edge opens into both handshakes, retries, paths and requests", async () => {
    await portal.open(edge);
    await expect(page.getByTestId("waypoint-of-default/httpbin")).toHaveAttribute("data-way", "guarded");
    await expect(page.getByTestId("caller-identity")).toContainText("/sa/sleep");
    await expect(page.getByTestId("waypoint-identity")).toContainText("/sa/waypoint");
    await expect(page.getByTestId("called-identity")).toContainText("/sa/httpbin");
    await expect(page.getByTestId("second-tls")).toContainText("TLS 1.3");
    await expect(page.getByTestId("behind")).toContainText("Retries");
    await expectSound(page, page.getByTestId("details-panel"));
    await page.getByRole("tab", { name: "Methods and paths" }).click();
    await expect(page.getByTestId("paths")).toContainText("GET /ip");
    await page.getByRole("tab", { name: "Requests" }).click();
    await page
      .getByRole("button", { name: /GET \/status\/503: route, tries and trace/ })
      .first()
      .click();
    await expect(page.getByTestId("request-detail")).toContainText("HTTPRoute/default/httpbin");
    await expect(page.getByTestId("request-detail")).toContainText("HTTP/1.1");
    await expect(page.getByTestId("trace")).toBeVisible();
    await expectSound(page, page.getByTestId("request-detail"));
  });

  await test.step("the service lists its rules and routes, the mesh its proxies", async () => {
    await portal.open("/services");
    await expect(page.getByTestId("service-default/httpbin").getByTestId("waypoint-mark")).toBeVisible();
    await portal.open("/services/default/httpbin?tab=access");
    await expect(page.getByTestId("routing")).toContainText("HTTPRoute default/httpbin");
    await expect(page.getByRole("main")).toContainText("enforced by waypoint default/waypoint");
    await expectSound(page, page.getByTestId("routing"));
    await portal.open("/mesh");
    await expect(page.getByTestId("serves-default/httpbin")).toHaveAttribute("data-way", "guarded");
    await expect(page.locator('[data-testid^="proxy-waypoint-"]')).toHaveAttribute("data-state", "in-sync");
    await expectSound(page, page.getByTestId("gateway-default/waypoint"));
  });
  expect(complaints).toEqual([]);
});
