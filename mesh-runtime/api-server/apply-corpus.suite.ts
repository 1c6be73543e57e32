/** Reads the sequences of `testdata/apply` and compares answers with what a real API server said. */
import type { RawAnswer } from "./running-server.suite.ts";

export interface Step {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly contentType?: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly userAgent?: string;
  };
  readonly response: Expected;
}

export interface Sequence {
  readonly name: string;
  readonly steps: readonly Step[];
}

type JsonMap = Record<string, unknown>;

export interface Expected {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly causes?: readonly { readonly reason?: string; readonly field?: string }[];
  readonly warnings?: readonly string[];
  readonly object?: JsonMap;
  readonly events?: readonly JsonMap[];
}

/** What earlier steps answered, for `$RV1`, `$UID1`, `$CONTINUE1`. */
export interface Past {
  readonly revisions: (string | undefined)[];
  readonly uids: (string | undefined)[];
  readonly continues: (string | undefined)[];
}

export function substitute<T>(value: T, { revisions, uids, continues }: Past): T {
  const text = JSON.stringify(value ?? null)
    .replace(/\$RV(\d+)/g, (_all, step: string) => revisions[Number(step)] ?? "")
    .replace(/\$UID(\d+)/g, (_all, step: string) => uids[Number(step)] ?? "")
    .replace(/\$CONTINUE(\d+)/g, (_all, step: string) => continues[Number(step)] ?? "");
  return value === undefined ? value : (JSON.parse(text) as T);
}

/** True for `<allocated>` and other values that differ from run to run, inside of texts too. */
function fits(expected: unknown, actual: unknown): boolean {
  if (typeof expected === "string" && /<[^>]+>|\$UID|\$RV/.test(expected)) {
    const pattern = expected
      .split(/<[^>]+>|\$UID\d+|\$RV\d+/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*");
    return new RegExp(`^${pattern}$`, "s").test(String(actual));
  }
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && expected.length === actual.length && expected.every((e, i) => fits(e, actual[i]));
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof actual !== "object" || actual === null) {
      return false;
    }
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...names].every((name) => fits((expected as JsonMap)[name], (actual as JsonMap)[name]));
  }
  return (
    expected === actual || (expected === undefined && actual === null) || (expected === null && actual === undefined)
  );
}

const metadataFields = ["labels", "annotations", "finalizers", "generation", "generateName"];
const bodyFields = ["spec", "data", "status"];

/** An object as the expectations write it. */
function shown(object: JsonMap, lastRevision: string | undefined): JsonMap {
  if (Array.isArray(object["items"])) {
    const meta = object["metadata"] as JsonMap;
    return {
      items: object["items"].map((item: { metadata: { name: string } }) => item.metadata.name),
      ...(meta["continue"] === undefined ? {} : { continue: "present" }),
      ...(meta["remainingItemCount"] === undefined ? {} : { remainingItemCount: meta["remainingItemCount"] }),
    };
  }
  const meta = (object["metadata"] ?? {}) as JsonMap;
  const out: JsonMap = {};
  for (const field of metadataFields) {
    out[field] = meta[field];
  }
  for (const field of bodyFields) {
    out[field] = object[field];
  }
  if (meta["deletionTimestamp"] !== undefined) {
    out["deletionTimestamp"] = "set";
    out["deletionGracePeriodSeconds"] = meta["deletionGracePeriodSeconds"];
  }
  if (meta["generateName"] !== undefined) {
    out["name"] = meta["name"];
  }
  out["managedFields"] = (meta["managedFields"] as JsonMap[] | undefined)?.map(({ time: _time, ...rest }) => rest);
  if (lastRevision !== undefined) {
    out["resourceVersion"] = meta["resourceVersion"] === lastRevision ? "same" : "changed";
  }
  return JSON.parse(JSON.stringify(out)) as JsonMap;
}

const causesText = (causes: readonly { reason?: string; field?: string }[] | undefined): string[] =>
  [...new Set((causes ?? []).map(({ reason, field }) => `${reason ?? ""} ${field ?? ""}`))].sort();

/** Everything in which an answer differs; empty when it meets the expectation. */
export function mismatches(
  expected: Expected,
  answer: RawAnswer,
  lastRevision: string | undefined,
  isWatch: boolean,
): string[] {
  const found: string[] = [];
  const check = (what: string, wanted: unknown, actual: unknown): void => {
    if (!fits(wanted, actual)) {
      found.push(`${what}: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(actual)}`);
    }
  };
  // A 500 of the real server for a body that does not fit counts as a refusal of any kind.
  const isRefusalFor500 = expected.code === 500 && (answer.code === 400 || answer.code === 422);
  if (!isRefusalFor500) {
    check("code", expected.code, answer.code);
    check("reason", expected.reason, answer.json?.kind === "Status" ? answer.json.reason : undefined);
    if (expected.causes !== undefined) {
      check("causes", causesText(expected.causes), causesText(answer.json?.details?.causes));
    }
  }
  if (expected.warnings !== undefined) {
    const warnings = [answer.headers.warning ?? []].flat().join(" ");
    check(
      "warnings",
      true,
      expected.warnings.every((text) => warnings.includes(text.replaceAll('"', '\\"'))),
    );
  }
  if (expected.object !== undefined && answer.json?.kind !== "Status") {
    const actual = shown(
      answer.json ?? {},
      expected.object["resourceVersion"] === undefined ? undefined : lastRevision,
    );
    for (const name of new Set([...Object.keys(expected.object), ...Object.keys(actual)])) {
      check(`object.${name}`, expected.object[name], actual[name]);
    }
  }
  if (isWatch && expected.events !== undefined && answer.code === 200) {
    check("events", expected.events, eventsOf(answer.text));
  }
  return found;
}

function eventsOf(text: string): JsonMap[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { type: string; object: JsonMap & { metadata: JsonMap } })
    .map(({ type, object }) => {
      if (type === "ERROR") {
        const { status, message, reason, code } = object;
        return { type, object: { status, message, reason, code } };
      }
      return { type, name: object.metadata["name"], labels: object.metadata["labels"] };
    });
}
