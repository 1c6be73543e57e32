/**
 * Comparing answers with the verdicts of a real kube-apiserver (1.33, Istio 1.29.1, Gateway API 1.4 experimental) in
 * `testdata/corpus`. The files are facts, not ours. Everything here answers with what differs; nothing is no difference.
 */
import { emptyObject, isObject, type JsonObject } from "./schema/json.ts";

export interface Verdict {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly causes?: readonly { readonly reason: string; readonly field: string }[];
  readonly warnings?: readonly string[];
}

export interface Case {
  readonly name: string;
  /** What was sent, or `text` as YAML. */
  readonly object?: JsonObject;
  readonly text?: string;
  /** Applied before; then the others are updates. */
  readonly old?: JsonObject;
  readonly strict: Verdict;
  readonly warn: Verdict;
  readonly apply: Verdict;
  /** Without dry run, where that differs. */
  readonly real?: Verdict;
  readonly stored?: JsonObject;
  readonly dropped?: readonly string[];
}

/** Files of the corpus, named by the kind in the singular. */
export const corpusFiles = [
  "namespace",
  "serviceaccount",
  "service",
  "pod",
  "deployment",
  "gateway",
  "httproute",
  "authorizationpolicy",
  "peerauthentication",
  "requestauthentication",
  "destinationrule",
  "virtualservice",
  "serviceentry",
  "telemetry",
  "grpcroute",
  "referencegrant",
] as const;

/** An answer, from admission or over HTTP. `object` when it was accepted. */
export interface Answer {
  readonly code: number;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly causes?: readonly { readonly reason?: string; readonly field?: string }[] | undefined;
  readonly warnings: readonly string[];
  readonly object?: unknown;
}

/** Messages in the corpus were cut at this length. */
const cutAt = 400;

/** Runs of blanks are one; addresses of Go values differ from run to run. */
const flat = (text: string | undefined) =>
  (text ?? "")
    .replace(/\s+/g, " ")
    .replace(/0x(<pointer>|[0-9a-f]{4,})/g, "0x<pointer>")
    .trim();

function messageDifferences(actual: string | undefined, wished: string): string[] {
  const cut = wished.length >= cutAt ? flat(wished).slice(0, cutAt - 20) : flat(wished);
  // Go's diff of two pod specs is not reproduced.
  const [head = ""] = cut.split(" core.PodSpec{");
  const found = flat(actual);
  const same = wished.length >= cutAt ? found.startsWith(head) : found === head;
  return same ? [] : [`message ${found}, wished ${head}`];
}

const causeTexts = (causes: Answer["causes"]) =>
  [...new Set((causes ?? []).map(({ reason, field }) => `${reason} ${field}`))].sort().join("; ");

const differs = (what: string, found: unknown, wished: unknown): string[] =>
  JSON.stringify(found) === JSON.stringify(wished)
    ? []
    : [`${what} ${JSON.stringify(found)}, wished ${JSON.stringify(wished)}`];

/** `operation` is `apply` for server-side applies, whose misfits may be 400 or 422 where Kubernetes fails with 500. */
export function verdictDifferences(answer: Answer, verdict: Verdict, operation: "write" | "apply"): string[] {
  const accepted = answer.code < 300;
  if (verdict.code < 300) {
    return accepted
      ? differs("warnings", answer.warnings, verdict.warnings ?? [])
      : [`refused with ${answer.code} ${answer.message}`];
  }
  if (accepted) {
    return [`accepted, wished ${verdict.code} ${verdict.message}`];
  }
  if (operation === "apply" && verdict.code === 500) {
    const typed = verdict.message?.startsWith("failed to create typed patch object") ?? false;
    return [
      ...([400, 422].includes(answer.code) ? [] : [`code ${answer.code}, wished 400 or 422`]),
      ...(typed ? messageDifferences(answer.message, verdict.message ?? "") : []),
    ];
  }
  return [
    ...differs("code", answer.code, verdict.code),
    ...differs("reason", answer.reason ?? "", verdict.reason ?? ""),
    ...differs("causes", causeTexts(answer.causes), causeTexts(verdict.causes)),
    ...differs("warnings", answer.warnings, verdict.warnings ?? []),
    ...messageDifferences(answer.message, verdict.message ?? ""),
  ];
}

/** True when values are equal, `<allocated>` and the like standing for anything. */
function fits(wished: unknown, found: unknown): boolean {
  if (typeof wished === "string" && /<[a-z]+>/.test(wished)) {
    const parts = wished.split(/<[a-z]+>/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return found !== undefined && new RegExp(`^${parts.join(".+")}$`, "s").test(String(found));
  }
  if (Array.isArray(wished)) {
    return Array.isArray(found) && wished.length === found.length && wished.every((entry, i) => fits(entry, found[i]));
  }
  if (isObject(wished)) {
    const keys = isObject(found) ? new Set([...Object.keys(wished), ...Object.keys(found)]) : new Set<string>();
    return isObject(found) && [...keys].every((key) => fits(wished[key], found[key]));
  }
  return Object.is(wished, found);
}

const systemMetadata = new Set(["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"]);

interface Changes {
  /** What admission added or changed, by path. */
  readonly stored: JsonObject;
  readonly dropped: string[];
}

function compare(sent: unknown, stored: unknown, path: string, changes: Changes): void {
  if (isObject(sent) && isObject(stored)) {
    for (const key of new Set([...Object.keys(sent), ...Object.keys(stored)])) {
      if (path === "metadata" && systemMetadata.has(key)) {
        continue;
      }
      const name = /^[\w-]+$/.test(key) ? `${path === "" ? "" : "."}${key}` : `[${JSON.stringify(key)}]`;
      if (stored[key] === undefined) {
        changes.dropped.push(path + name);
      } else if (sent[key] === undefined) {
        changes.stored[path + name] = stored[key];
      } else {
        compare(sent[key], stored[key], path + name, changes);
      }
    }
  } else if (Array.isArray(sent) && Array.isArray(stored)) {
    for (const [i, entry] of stored.entries()) {
      if (i < sent.length) {
        compare(sent[i], entry, `${path}[${i}]`, changes);
      } else {
        changes.stored[`${path}[${i}]`] = entry;
      }
    }
  } else if (!Object.is(sent, stored)) {
    changes.stored[path] = stored;
  }
}

/** What is stored of a case, against what should be: every change, and every dropped path. */
export function storedDifferences(c: Case, sent: JsonObject, object: unknown): string[] {
  const changes: Changes = { stored: emptyObject(), dropped: [] };
  const stored = object as { metadata?: { name?: unknown; generateName?: unknown }; spec?: unknown };
  if (c.text === undefined) {
    compare(sent, object, "", changes);
  } else {
    changes.stored["metadata.name"] = stored.metadata?.name;
    changes.stored["spec"] = stored.spec;
  }
  const { name } = (sent["metadata"] ?? {}) as { name?: unknown };
  if (name === undefined && c.text === undefined && stored.metadata?.generateName !== undefined) {
    delete changes.stored["metadata.name"];
  }
  const wished = c.stored ?? {};
  const paths = new Set([...Object.keys(wished), ...Object.keys(changes.stored)]);
  return [
    ...[...paths]
      .filter((path) => !fits(wished[path], changes.stored[path]))
      .map((path) => `stored ${path} ${JSON.stringify(changes.stored[path])}, wished ${JSON.stringify(wished[path])}`),
    ...differs("dropped", changes.dropped.sort(), [...(c.dropped ?? [])].sort()),
  ];
}
