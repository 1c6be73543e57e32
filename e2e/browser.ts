const chromium = process.env["TOWPATH_CHROMIUM"] ?? "";

/** How Chromium is started: the system's when the environment names one; without a word to anyone outside. */
export const launchOptions = {
  ...(chromium !== "" && { executablePath: chromium }),
  args: [
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
