import type { Portal } from "@/server/portal.ts";

/**
 * Next bundles route handlers and instrumentation apart, so a module's own variable would exist more than once: the
 * running portal lives on `globalThis`.
 */
const key = Symbol.for("towpath.portal");
type Holder = { [key]?: Portal | undefined };

export function setRunningPortal(portal: Portal | undefined): void {
  (globalThis as Holder)[key] = portal;
}

/** `undefined` while it starts. */
export const runningPortal = (): Portal | undefined => (globalThis as Holder)[key];
