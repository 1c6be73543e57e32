import { bin, env, root } from "./checkout.mjs";
import { findProgram } from "./distribution-package.mjs";
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
  const found = await findProgram([process.env.TOWPATH_CHROMIUM, ...known], "chromium");
  if (found) {
    return found;
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
