import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Cluster } from "./fixtures/cluster.ts";
import { allowed, enrol, lockDown } from "./fixtures/company.ts";
import { PathForm } from "./fixtures/path-form.ts";
import { Portal } from "./fixtures/portal.ts";
import { ReleasePage } from "./fixtures/release-page.ts";
import { halved } from "./fixtures/release-scenes.ts";
import { root } from "./fixtures/run-towpath.ts";
import {
  complaintsOf,
  expectAccessible,
  expectLandmarks,
  expectNoSidewaysScroll,
  expectReadableColours,
  expectTargets,
} from "./fixtures/soundness.ts";
import { expect, test } from "./fixtures/towpath.ts";
import { type Visit, visit, visitMany } from "./fixtures/visitors.ts";

/** Steps 12 and 13 of the story: a header leads to the new version, then shares do, then a bad one goes back by itself. */
const service = { namespace: "purchase-history", name: "purchase-history" };
const common = { service, stable: "v1", canary: "v2", match: [{ by: "header", name: "x-canary", value: "true" }] };
const analysis = { interval: "3s", passes: 1, misses: 0, minRequests: 20, inconclusive: 1000 };
/** Where its shares are written. */
const route = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: service };
const moves = { timeout: 60_000 };

test.use({
  mesh: "releases alone",
  storageState: async ({ people }, use) => use(await people.session("platform")),
});

/** Version of purchase-history at the end of the chain. */
const versionOf = ({ body }: Visit): string =>
  /"service":\s*"purchase-history",\s*"version":\s*"(v\d)"/.exec(body)?.[1] ?? "none";

/** Visits the company until it is stopped. */
function visitors(gateway: string): { stop(): Promise<Visit[]> } {
  let running = true;
  const answers = visitMany(gateway, () => running);
  return {
    stop: () => {
      running = false;
      return answers;
    },
  };
}

test("a version is released by a header, by shares, and a bad one goes back by itself", async ({
  page,
  browser,
  towpath,
  people,
}) => {
  test.setTimeout(480_000);
  const portal = new Portal(page, towpath.portal);
  const release = new ReleasePage(portal);
  const cluster = new Cluster(towpath.kubeconfig);
  let bundle = "";
  const seen = async (count: number, headers: Record<string, string> = {}): Promise<string[]> => {
    const answers: Visit[] = [];
    for (let sent = 0; sent < count; sent++) {
      answers.push(await visit(towpath.gateway, { headers }));
    }
    return [...new Set(answers.map((answer) => `${answer.status} ${versionOf(answer)}`))];
  };

  await test.step("the company is in the mesh, locked down, and its callers are let in", async () => {
    for (const one of [enrol, ...allowed, lockDown]) {
      await portal.bringAbout(one);
    }
  });

  await test.step("12: a header leads to v2 through the whole chain, and everybody else gets v1", async () => {
    await visitMany(towpath.gateway, (sent) => sent < 40);
    const form = new PathForm(portal);
    await portal.open("/rollouts/new");
    await form.service(service.name);
    await page.getByTestId("kind-header-canary").click();
    await expect(page.getByTestId("sentence")).toHaveText(
      /^Releases v2 of purchase-history in 2 steps, only calls with the header x-canary first, .*a person decides/,
    );
    await release.send();
    await release.expectHeld("gate");
    expect(await seen(15)).toEqual(["200 v1"]);
    expect(await seen(3, { "x-canary": "true" })).toEqual(["200 v2"]);
    await page.getByTestId("check-chain").click();
    await expect(page.getByTestId("chain")).toHaveAttribute("data-state", "passes", moves);
    await expect(page.getByTestId("chain")).toContainText("web-api and recommendation pass x-canary on");
    await expect(page.getByTestId("reach")).toContainText(
      `curl -sS -i -H 'Host: istioinaction.io' -H 'x-canary: true' ${towpath.gateway}/`,
    );
  });

  await test.step("a viewer sees it all and may do nothing", async () => {
    const other = await browser.newPage({ storageState: await people.session("auditor") });
    await other.goto(page.url());
    await expect(other.getByTestId("rollout")).toHaveAttribute("data-state", "paused");
    for (const action of ["abort", "promote"]) {
      await expect(other.getByTestId(`action-${action}`)).toBeDisabled();
    }
    const answer = await other.request.post(`${towpath.portal}/api/v1${new URL(page.url()).pathname}/abort`, {
      headers: { origin: towpath.portal },
      data: {},
    });
    expect(answer.status()).toBe(403);
    await other.close();
  });

  await test.step("abort asks first, and takes it back", async () => {
    await release.act("abort");
    await release.expectState("rolled-back");
    expect(await seen(5, { "x-canary": "true" })).toEqual(["200 v1"]);
    await expect(page.getByTestId("outcome-rolled-back")).toContainText("v1 answers every call.");
    expect(await release.report()).toMatch(/v2[\s\S]*purchase-history[\s\S]*Aborted/);
  });

  await test.step("13: a good v2 gets more and more of the calls, held and let go by a person, and nobody fails", async () => {
    const load = visitors(towpath.gateway);
    await release.start({
      ...common,
      kind: "progressive",
      steps: [{ weight: 10, gate: true, analysis: false }, { weight: 50 }, { weight: 100, analysis: false }],
      analysis,
    });
    await release.expectHeld("gate");
    await release.act("pause");
    await release.expectHeld("person");
    await release.act("resume");
    await release.expectHeld("gate");
    expect(await release.act("promote")).toMatch(/requests? per second/);
    await release.expectState("completed");
    await expect(page.getByTestId("outcome-completed")).toBeVisible();
    await expect(page.getByTestId("damage")).toContainText("none failed");
    const answers = await load.stop();
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(versionOf))).toEqual(new Set(["v1", "v2"]));
    expect(await seen(10)).toEqual(["200 v2"]);
  });

  await test.step("undo brings v1 back", async () => {
    await release.act("undo");
    await release.expectState("undone");
    expect(await seen(10)).toEqual(["200 v1"]);
  });

  await test.step("an edit by hand holds a release until a person writes over it; then all calls go over at once", async () => {
    await release.start({
      ...common,
      kind: "weighted",
      steps: [
        { weight: 20, analysis: false, gate: true },
        { weight: 100, analysis: false },
      ],
    });
    await release.expectHeld("gate");
    await cluster.edit(route, halved);
    await release.expectHeld("drift");
    await expect(page.getByTestId("drifted")).toContainText(/kubectl-edit: .*v2 was 20\s%, is 50\s%/);
    await page.getByTestId("notice-resume").click();
    await page.getByTestId("confirm-action").click();
    await release.expectHeld("gate");
    await release.actFromMenu("promote-fully");
    await release.expectState("completed");
    expect(await seen(10)).toEqual(["200 v2"]);
    await expect(page.getByTestId("outcome-completed")).toContainText("v1 has 1 ready pod: going back is at once.");
    await release.act("undo");
    await release.expectState("undone");
  });

  await test.step("releases that belong together wait for each other, and go back together", async () => {
    const steps = [
      { weight: 10, analysis: false, gate: true },
      { weight: 100, analysis: false },
    ];
    const start = { image: "towpath/recommendation", command: [], replicas: 1 };
    const behind = { service: { namespace: "recommendation", name: "recommendation" }, start };
    const members = [{}, behind].map((more) => ({ ...common, kind: "weighted", steps, ...more }));
    await portal.open(`/rollouts/bundle?values=${encodeURIComponent(JSON.stringify({ title: "Both", members }))}`);
    await page.getByTestId("start-bundle").click();
    await expect(page.getByTestId("rollouts")).toContainText("waits for a person", moves);
    bundle = new URL(page.url()).pathname;
    await page.getByRole("link", { name: "Release v2 of recommendation" }).click();
    await expect(page.getByTestId("waits")).toContainText(/It waits for release \d+ of its bundle/);
    await page.getByTestId("damage").getByRole("link", { name: "Both" }).click();
    await page.getByRole("button", { name: "Abort all" }).click();
    await page.getByTestId("confirm-abort-bundle").click();
    await expect(page.getByTestId("bundle")).toHaveAttribute("data-state", "rolled-back", moves);
  });

  await test.step("13: a bad v2 goes back by itself, and the page says what it cost", async () => {
    const bad = await readFile(join(root, "demo/failing-purchase-history-v2.yaml"), "utf8");
    await cluster.release(service.namespace, "purchase-history-v2", bad);
    const load = visitors(towpath.gateway);
    await release.start({ ...common, kind: "progressive", steps: [{ weight: 50 }, { weight: 100 }], analysis });
    await release.expectState("rolled-back");
    const answers = await load.stop();
    const failed = answers.filter(({ status }) => status >= 500);
    expect(failed.length).toBeGreaterThan(0);
    expect(new Set(failed.map(versionOf))).toEqual(new Set(["v2"]));
    const words = (await page.getByTestId("damage").textContent()) ?? "";
    const [, served = "0", told = "0"] = /v2 answered ([\d,]+) requests?, ([\d,]+) failed/.exec(words) ?? [];
    // The demo's own visitor calls as well.
    expect(Number(told.replace(",", ""))).toBeGreaterThanOrEqual(failed.length);
    expect(Number(served.replace(",", ""))).toBeGreaterThan(Number(told.replace(",", "")));
    await expect(page.getByTestId("outcome-rolled-back")).toBeVisible();
    expect(await seen(15)).toEqual(["200 v1"]);
  });

  await test.step("the pages of a release and of a bundle, and the list, are sound in both colours and on a phone", async () => {
    const complaints = complaintsOf(page);
    await page.emulateMedia({ reducedMotion: "reduce" });
    for (const path of [new URL(page.url()).pathname, bundle, "/rollouts"]) {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.emulateMedia({ colorScheme: "dark" });
      await portal.open(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.locator('[data-testid="track"], [data-testid="rollouts"]').first()).toBeVisible();
      await expectLandmarks(page);
      await expectAccessible(page, "dark");
      await page.emulateMedia({ colorScheme: "light" });
      await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
      await expectReadableColours(page, "light");
      await page.setViewportSize({ width: 390, height: 844 });
      await expectNoSidewaysScroll(page);
      await expectTargets(page);
    }
    expect(complaints).toEqual([]);
  });
});
