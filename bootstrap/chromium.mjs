import { existsSync } from "node:fs";
import { bin, env, root } from "./checkout.mjs";
import { run } from "./run.mjs";
import { fail, progress } from "./terminal.mjs";

const known = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * A Chromium for the browser tests: the one named by TOWPATH_CHROMIUM, a system one, Debian's package when this may
 * install it, else Playwright's own. Resolves to a path, or "" when Playwright shall use its own.
 */
export async function findChromium() {
  const found = [process.env.TOWPATH_CHROMIUM, ...known].find((path) => path && existsSync(path));
  if (found) {
    return found;
  }
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    progress("Installing Chromium from the distribution's packages …");
    const apt = { ...env, DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update"], { quiet: true, env: apt });
    await run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], { quiet: true, env: apt });
    const installed = known.find((path) => existsSync(path));
    if (installed) {
      return installed;
    }
  }
  progress("Installing Playwright's Chromium …");
  const { code, output } = await run(bin("playwright"), ["install", "chromium"], { cwd: root, quiet: true, env });
  if (code !== 0) {
    fail(
      `No Chromium could be found or installed:\n${output.trim()}`,
      "Install Chromium, or name one in TOWPATH_CHROMIUM.",
    );
  }
  return "";
}
