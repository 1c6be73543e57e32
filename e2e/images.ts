/**
 * `npm run images`: the pictures of the documentation. Starts a Towpath of its own, lets the demo company live through
 * the story with real requests, and writes docs/images/<page>-{dark,light,narrow}.png.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { type Browser, chromium } from "@playwright/test";
import { launchOptions } from "./browser.ts";
import { Cluster } from "./fixtures/cluster.ts";
import { allowed, enrol, lockDown } from "./fixtures/company.ts";
import { expect } from "./fixtures/expect.ts";
import { lockDownSight, type Sight, sights } from "./fixtures/pages.ts";
import { Portal, signIn } from "./fixtures/portal.ts";
import { releaseScenes } from "./fixtures/release-scenes.ts";
import { root, runTowpath, type StartedTowpath } from "./fixtures/run-towpath.ts";
import { scenes } from "./fixtures/scenes.ts";
import { keepVisiting } from "./fixtures/visitors.ts";

const target = join(root, "docs", "images");
/** A whole window of the graph after the last change of how traffic goes. */
const windowMs = 70_000;
const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };
const only = new Set(process.argv.slice(2));

async function picture(portal: Portal, { name, open }: Sight): Promise<void> {
  if (only.size > 0 && !only.has(name)) {
    return;
  }
  const { page } = portal;
  for (const [suffix, colorScheme, size] of [
    ["dark", "dark", wide],
    ["light", "light", wide],
    ["narrow", "dark", narrow],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(size);
    await open(portal);
    await page.evaluate(() => document.fonts.ready);
    // Pages ask for figures by themselves: what is still loading would be caught half drawn.
    await expect(page.locator('[aria-busy="true"], .skel, main .spin')).toHaveCount(0);
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(target, `${name}-${suffix}.png`), animations: "disabled", caret: "hide" });
  }
}

async function tell(browser: Browser, towpath: StartedTowpath): Promise<void> {
  const page = await browser.newPage({ viewport: wide, colorScheme: "dark" });
  const portal = new Portal(page, towpath.portal);
  const cluster = new Cluster(towpath.kubeconfig);
  await picture(portal, {
    name: "sign-in",
    open: async () => {
      await page.goto(towpath.signIn.auditor);
      await expect(page.getByTestId("sign-in")).toBeEnabled();
    },
  });
  await signIn(page, towpath.signIn.platform);
  const calls = await cluster.run(
    "default",
    "sleep",
    "while :; do curl -s -o /dev/null http://httpbin.default:8000/headers; curl -s -o /dev/null http://web-api.web-api:8080/; sleep 1; done",
  );
  try {
    await portal.bringAbout(enrol);
    await pass(windowMs);
    await picture(portal, lockDownSight);
    // In this order nobody who should get through is ever cut off.
    for (const step of [...allowed, lockDown]) {
      await portal.bringAbout(step);
    }
    await pass(windowMs);
    for (const sight of sights) {
      if (sight.name === "try-it") {
        // Its figures are of what the page itself sends.
        calls.stop();
      }
      await picture(portal, sight);
    }
    for (const scene of scenes) {
      await scene.before({ browser, towpath, cluster, portal });
      await picture(portal, scene);
    }
    const visitors = keepVisiting(towpath.gateway, 15);
    try {
      for (const scene of releaseScenes) {
        await page.setViewportSize(wide);
        await scene.before({ browser, towpath, cluster, portal });
        await picture(portal, scene);
      }
    } finally {
      visitors.stop();
    }
  } finally {
    calls.stop();
  }
}

await mkdir(target, { recursive: true });
const towpath = await runTowpath();
try {
  const browser = await chromium.launch(launchOptions);
  try {
    await tell(browser, towpath);
  } finally {
    await browser.close();
  }
} finally {
  await towpath.stop();
}
