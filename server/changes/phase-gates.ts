/** Waits between the phases of a change: the next one begins when proxies stand where it needs them. */
import { isBinding } from "./binding-entry.ts";
import { mustBeProgrammed, type Phase, phases } from "./order.ts";
import { noEffect, notAttached, noWord, type ReceiptDeps, readEntry, type Written } from "./receipt-entry.ts";

const pollMs = 250;
/** A waypoint's pod is started meanwhile. */
const programmedMs = 60_000;
const confirmedMs = 30_000;
/** An object without any word by then is carried to no proxy: nobody will confirm it. */
const silentMs = 5_000;

/** The proxies did not get to where the next phase needs them. */
export class GateError extends Error {
  override readonly name = "GateError";
}
export const isGateError = (error: unknown): error is GateError => error instanceof Error && error.name === "GateError";

/** Before these phases all that was written must be in force: they take away what calls stood on, or move calls. */
const needsConfirmation: ReadonlySet<Phase> = new Set(["bind", "remove", "lock", "dismantle"]);

/**
 * Waits before `next` begins, for what was written in the phases before it. `next` is undefined after the last one: a
 * waypoint that nobody is led to yet may still be on its way, a binding must stand. Throws GateError.
 */
export async function passGate(written: readonly Written[], next: Phase | undefined, deps: ReceiptDeps): Promise<void> {
  const done = written.at(-1)?.step.phase;
  if (done === "gateways") {
    await until(deps, programmedMs, () => unprogrammed(written, deps));
  }
  if (done === "bind") {
    const bound = written.filter(({ step }) => isBinding(step));
    await until(deps, confirmedMs, (nowMs) => unconfirmed(bound, deps, nowMs));
  }
  if (next !== undefined && needsConfirmation.has(next)) {
    await until(deps, confirmedMs, (nowMs) => unconfirmed(written, deps, nowMs, next));
  }
}

/** The steps by phase, in order; empty phases are left out. */
export const byPhase = <S extends { readonly phase?: Phase }>(steps: readonly S[]): S[][] =>
  // Changes of older versions say no phase: they are one.
  [undefined, ...phases]
    .map((phase) => steps.filter((step) => step.phase === phase))
    .filter((group) => group.length > 0);

/** Why the written Gateways do not serve yet; empty when they do. */
function unprogrammed(written: readonly Written[], { cluster }: ReceiptDeps): string {
  for (const { step, generation } of written.filter((one) => mustBeProgrammed(one.step))) {
    const { namespace, name } = step.ref;
    const conditions = cluster.get("Gateway", namespace, name)?.status?.conditions ?? [];
    const programmed = conditions.find(({ type }) => type === "Programmed");
    const current = (programmed?.observedGeneration ?? 0) >= generation;
    if (programmed?.status !== "True" || !current) {
      return `The waypoint ${namespace}/${name} is not ready: ${programmed?.message ?? "nothing is known of it yet"}`;
    }
  }
  return "";
}

/** What the proxies have not confirmed; empty when nothing is missing. */
function unconfirmed(written: readonly Written[], deps: ReceiptDeps, nowMs: number, next?: Phase): string {
  for (const one of written) {
    const { status, reason, message } = readEntry(one, deps, one.atUnixMs, nowMs);
    // A waypoint to which nobody is sent carries nothing yet; with the first service it gets all at once.
    const patience = next === "bind" && isAtWaypoint(one) ? 0 : silentMs;
    const silent = reason === noWord && nowMs - one.atUnixMs > patience;
    // What acts nowhere need not be waited for; the receipt tells of it in the end.
    if (status !== "True" && reason !== notAttached && reason !== noEffect && !silent) {
      return message;
    }
  }
  return "";
}

const isAtWaypoint = ({ step }: Written): boolean =>
  (step.after?.spec as { readonly targetRefs?: unknown } | undefined)?.targetRefs !== undefined;

/** Asks again whenever the cluster moves, and a few times a second for what proxies tell. */
async function until(deps: ReceiptDeps, limitMs: number, missing: (nowMs: number) => string): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const moved = Promise.withResolvers<void>();
    const unsubscribe = deps.cluster.onChange(() => moved.resolve());
    const timer = setTimeout(() => moved.resolve(), pollMs);
    try {
      const nowMs = Date.now();
      const text = missing(nowMs);
      if (text === "") {
        return;
      }
      if (nowMs > deadline) {
        throw new GateError(`${text} (waited ${Math.round(limitMs / 1_000)} s).`);
      }
      await moved.promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }
}
