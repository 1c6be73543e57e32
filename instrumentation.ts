declare global {
  namespace NodeJS {
    interface ProcessEnv {
      /** Replaced by Next when it builds, so it must be read by exactly this name. */
      readonly NEXT_RUNTIME?: "nodejs" | "edge";
    }
  }
}

/** Called once when the server starts, before the first request. The back end lives in this process. */
export async function register(): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: set by Next itself to tell its runtimes apart
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { startPortal } = await import("./server/start.ts");
    await startPortal();
  }
}
