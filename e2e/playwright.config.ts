import { defineConfig } from "@playwright/test";
import { launchOptions } from "./browser.ts";

/** One browser, one Towpath; no retries: a flake is a bug. */
export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 240_000,
  reporter: [["list"]],
  outputDir: "../test-results",
  use: {
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    colorScheme: "dark",
    actionTimeout: 15_000,
    screenshot: "only-on-failure",
    launchOptions,
  },
});
