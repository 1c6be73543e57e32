/** Single steps by which intents could have been meant to render what is live. Pure. */
import type { IdentityChoice } from "@/server/contracts/golden-paths/parts.ts";
import type { IntentChange, IntentSet } from "@/server/golden-paths/intent.ts";
import { type Intent, intent, intentKey, isServiceIntent } from "@/server/golden-paths/intent.ts";
import { findService, type Inventory } from "@/server/inventory/model.ts";
import { leavesOf, newValues, replaceAt } from "./leaves.ts";

/** Values of one object that are tried; a person edits a few. */
const valuesMax = 24;

export interface Around {
  readonly current: IntentSet;
  readonly inventory: Inventory;
  readonly expected: unknown;
  readonly live: unknown;
  mayEnd(key: string): boolean;
}

/** Other values in the intents, callers that came, intents that went. */
export function* candidates(at: readonly (readonly [string, Intent])[], around: Around): Generator<IntentChange> {
  const values = newValues(around.expected, around.live).slice(0, valuesMax);
  for (const [key, before] of at) {
    yield* otherValues(key, before, values, around);
  }
  for (const [, before] of at) {
    yield* otherCallers(before, values, around);
  }
  for (const [key, before] of at) {
    if (around.mayEnd(key)) {
      yield { key, before, after: undefined };
    }
  }
}

function* otherValues(
  key: string,
  before: Intent,
  values: readonly unknown[],
  { inventory }: Around,
): Generator<IntentChange> {
  for (const { path, value } of leavesOf(before)) {
    for (const wanted of values.flatMap((one) => forms(one, value, before, inventory))) {
      const parsed = intent.safeParse(replaceAt(before, path, wanted));
      // Another key would be about something else.
      if (parsed.success && intentKey(parsed.data) === key) {
        yield { key, before, after: parsed.data };
      }
    }
  }
}

/** A value of a resource as it could stand where `former` stands: numbers as text, durations, the Service's port. */
function forms(value: unknown, former: unknown, about: Intent, inventory: Inventory): unknown[] {
  if (Array.isArray(value)) {
    if (!Array.isArray(former)) {
      return value.length === 1 ? forms(value[0], former, about, inventory) : [];
    }
    const numbers = value.map(Number);
    const ports = numbers.map((port) => servicePort(port, about, inventory) ?? port);
    return [value, ...(numbers.some(Number.isNaN) ? [] : [numbers, ports].map(ascending))];
  }
  const number = typeof value === "string" ? Number(value) : Number.NaN;
  const seconds = typeof value === "string" ? /^(\d+(?:\.\d+)?)s$/.exec(value)?.[1] : undefined;
  return [
    value,
    ...(Number.isNaN(number) ? [] : [number]),
    ...(typeof value === "number" ? [String(value)] : []),
    ...(seconds === undefined ? [] : [`${Math.round(Number(seconds) * 1_000)}ms`]),
    ...(typeof value === "string" && value.endsWith("ms") ? [`${Number(value.slice(0, -2)) / 1_000}s`] : []),
  ];
}

const ascending = (numbers: readonly number[]): number[] => numbers.toSorted((one, other) => one - other);

function servicePort(port: number, about: Intent, inventory: Inventory): number | undefined {
  const service = isServiceIntent(about) ? findService(inventory, about.service) : undefined;
  return service?.ports.find(({ targetPort }) => targetPort === port)?.port;
}

const account = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/;

/** The same rule for a caller that is named in the live object; of a closed service a caller who may use all its ports. */
function* otherCallers(
  before: Intent,
  values: readonly unknown[],
  { current, inventory }: Around,
): Generator<IntentChange> {
  for (const name of values.flat()) {
    const [, namespace, serviceAccount] = (typeof name === "string" ? account.exec(name) : null) ?? [];
    if (namespace !== undefined && serviceAccount !== undefined) {
      const after = forCaller(before, { kind: "identity", namespace, serviceAccount }, inventory);
      const key = after === undefined ? "" : intentKey(after);
      if (after !== undefined && !current.has(key)) {
        yield { key, before: undefined, after };
      }
    }
  }
}

function forCaller(before: Intent, caller: IdentityChoice, inventory: Inventory): Intent | undefined {
  switch (before.slug) {
    case "let-a-caller-in":
      return { ...before, caller };
    case "block-a-caller":
      return before.blocked.who === "this" ? { ...before, blocked: { who: "this", caller } } : undefined;
    case "keep-closed": {
      const { service } = before;
      const ports = ascending(findService(inventory, service)?.ports.map(({ port }) => port) ?? []);
      return ports.length === 0
        ? undefined
        : { slug: "let-a-caller-in", service, caller, ports, requests: [], until: null };
    }
    default:
      return undefined;
  }
}
