/**
 * The verdicts of a real kube-apiserver (1.33, Istio 1.29.1, Gateway API 1.4 experimental), case by case: code, reason,
 * causes, message, warnings, what is stored and what is dropped. Files in `testdata/corpus` are facts, not ours.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { type AdmissionRequest, type AdmissionResult, admit, admitApplied } from "./admission.ts";
import type { AdmissionContext, KindDefinition } from "./kind.ts";
import type { KubeObject } from "./meta.ts";
import { kinds } from "./registry.ts";
import { equal, isObject, type JsonObject } from "./schema/json.ts";
import type { Structural } from "./schema/structural.ts";

interface Verdict {
  code: number;
  reason?: string;
  message?: string;
  causes?: { reason: string; field: string }[];
  warnings?: string[];
}

interface Case {
  name: string;
  object?: JsonObject;
  text?: string;
  old?: JsonObject;
  strict: Verdict;
  warn: Verdict;
  apply: Verdict;
  real?: Verdict;
  stored?: JsonObject;
  dropped?: string[];
}

const files = [
  "namespace",
  "serviceaccount",
  "service",
  "pod",
  "deployment",
  "gateway",
  "httproute",
  "authorizationpolicy",
  "peerauthentication",
];

/** Cases that are not decided in this folder, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  "a tab as indentation is a syntax error": "YAML is read by the API server",
};

const context: AdmissionContext = {
  serviceAccount: (_namespace, name) =>
    name === "default" ? { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } } : undefined,
  random: () => "abcde",
  allocateClusterIp: (wished) => wished ?? "10.96.0.77",
  allocateNodePort: (wished) => wished ?? 30080,
};

function load(file: string): Case[] {
  return parse(readFileSync(new URL(`testdata/corpus/${file}.yaml`, import.meta.url), "utf8")) as Case[];
}

const bodyOf = (c: Case) => c.object ?? (parseAllDocuments(c.text ?? "", { version: "1.1" })[0]?.toJS() as JsonObject);
const nameOf = (body: JsonObject) => (body["metadata"] as { name?: string } | undefined)?.name ?? "x";

function requestOf(kind: KindDefinition, body: JsonObject): Omit<AdmissionRequest, "operation"> {
  return { kind, object: body, context, dryRun: true, ...(kind.namespaced ? { namespace: "web" } : {}) };
}

/** The stored object that an update meets. */
function storedOf(kind: KindDefinition, c: Case): KubeObject | undefined {
  if (c.old === undefined) {
    return undefined;
  }
  const result = admit({ ...requestOf(kind, c.old), operation: "apply", name: nameOf(c.old) });
  if (!result.ok) {
    throw new Error(result.status.message);
  }
  return {
    ...result.object,
    metadata: { ...result.object.metadata, uid: "u", resourceVersion: "7", creationTimestamp: "2026-01-01T00:00:00Z" },
  };
}

function write(kind: KindDefinition, c: Case, fieldValidation: "Strict" | "Warn"): AdmissionResult {
  const old = storedOf(kind, c);
  const body = bodyOf(c);
  if (old === undefined) {
    return admit({ ...requestOf(kind, body), operation: "create", fieldValidation });
  }
  const versioned = { ...body, metadata: { ...(body["metadata"] as object), resourceVersion: "7" } };
  return admit({ ...requestOf(kind, versioned), operation: "update", name: nameOf(body), old, fieldValidation });
}

function apply(kind: KindDefinition, c: Case): AdmissionResult {
  const old = storedOf(kind, c);
  const body = bodyOf(c);
  const request = { ...requestOf(kind, body), name: nameOf(body), ...(old ? { old } : {}) };
  const status = admitApplied(request);
  if (status) {
    return { ok: false, status, warnings: [] };
  }
  const object = old ? merge(kind.schema, old, body) : body;
  return admit({ ...request, operation: "apply", object });
}

/** What a server-side apply by the same manager comes to when the body takes nothing away. */
function merge(schema: Structural, stored: unknown, body: unknown): unknown {
  if (isObject(stored) && isObject(body)) {
    const result = { ...stored };
    for (const [key, value] of Object.entries(body)) {
      result[key] = merge(schema.properties?.[key] ?? schema.additionalProperties ?? {}, stored[key], value);
    }
    return result;
  }
  const keys = schema["x-kubernetes-list-map-keys"];
  if (Array.isArray(stored) && Array.isArray(body) && keys) {
    return body.map((entry: JsonObject) => {
      const same = stored.find((other: JsonObject) =>
        keys.every((key) => (entry[key] ?? schema.items?.properties?.[key]?.default) === other[key]),
      );
      return merge(schema.items ?? {}, same, entry);
    });
  }
  return body;
}

const flat = (text: string | undefined) =>
  (text ?? "")
    .replace(/\s+/g, " ")
    .replace(/0x(<pointer>|[0-9a-f]{4,})/g, "0x<pointer>")
    .trim();

/** The real server cut its messages at 400 characters. */
function expectMessage(actual: string | undefined, wished: string): void {
  const cut = wished.length >= 400 ? flat(wished).slice(0, 380) : flat(wished);
  // Go's diff of two specs is not reproduced.
  const [head = ""] = cut.split(" core.PodSpec{");
  expect(flat(actual).slice(0, head.length)).toBe(head);
  if (wished.length < 400) {
    expect(flat(actual).length).toBe(head.length);
  }
}

function expectVerdict(result: AdmissionResult, verdict: Verdict, operation: "write" | "apply"): void {
  if (verdict.code < 300) {
    expect(result.ok ? "" : result.status.message).toBe("");
    expect(result.warnings).toEqual(verdict.warnings ?? []);
    return;
  }
  if (result.ok) {
    expect.fail(`accepted, wished ${verdict.code} ${verdict.message}`);
  }
  const { status } = result;
  if (operation === "apply" && verdict.code === 500) {
    // Kubernetes fails here; a 400 or 422 with the field's path is the same verdict.
    expect([400, 422]).toContain(status.code);
    if (verdict.message?.startsWith("failed to create typed patch object")) {
      expectMessage(status.message, verdict.message);
    }
    return;
  }
  expect({ code: status.code, reason: status.reason ?? "" }).toEqual({
    code: verdict.code,
    reason: verdict.reason ?? "",
  });
  const causes = (status.details?.causes ?? []).map((cause) => `${cause.reason} ${cause.field}`);
  expect(new Set(causes)).toEqual(new Set((verdict.causes ?? []).map((cause) => `${cause.reason} ${cause.field}`)));
  expect(result.warnings).toEqual(verdict.warnings ?? []);
  expectMessage(status.message, verdict.message ?? "");
}

const systemMetadata = new Set(["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"]);

/** What was added or changed, and what was dropped, as paths. */
function difference(sent: unknown, stored: unknown, path: string, changes: JsonObject, dropped: string[]): void {
  if (isObject(sent) && isObject(stored)) {
    for (const key of new Set([...Object.keys(sent), ...Object.keys(stored)])) {
      if (path === "metadata" && systemMetadata.has(key)) {
        continue;
      }
      const name = /^[\w-]+$/.test(key) ? `${path === "" ? "" : "."}${key}` : `[${JSON.stringify(key)}]`;
      const inner = path + name;
      if (stored[key] === undefined) {
        dropped.push(inner);
      } else if (sent[key] === undefined) {
        changes[inner] = stored[key];
      } else {
        difference(sent[key], stored[key], inner, changes, dropped);
      }
    }
  } else if (Array.isArray(sent) && Array.isArray(stored)) {
    for (const [i, entry] of stored.entries()) {
      if (i < sent.length) {
        difference(sent[i], entry, `${path}[${i}]`, changes, dropped);
      } else {
        changes[`${path}[${i}]`] = entry;
      }
    }
  } else if (!equal(sent, stored)) {
    changes[path] = stored;
  }
}

/** Values in angle brackets differ from run to run. */
function masked(value: unknown): unknown {
  const text = JSON.stringify(value) ?? "null";
  return JSON.parse(
    text
      .replaceAll("abcde", "<random>")
      .replaceAll('"10.96.0.77"', '"<allocated>"')
      .replaceAll(/"nodePort":30080/g, '"nodePort":"<allocated>"')
      .replaceAll(/:30080(?=[,}])/g, ':"<allocated>"'),
  );
}

function expectStored(c: Case, object: KubeObject): void {
  const changes: JsonObject = {};
  const dropped: string[] = [];
  if (c.text !== undefined) {
    changes["metadata.name"] = object.metadata?.name;
    changes["spec"] = (object as { spec?: unknown }).spec;
  } else {
    difference(bodyOf(c), object, "", changes, dropped);
  }
  // Generated names are metadata that the server keeps.
  if (nameOf(bodyOf(c)) === "x" && c.text === undefined && object.metadata?.generateName !== undefined) {
    delete changes["metadata.name"];
  }
  expect(masked(changes)).toEqual(c.stored ?? {});
  expect(dropped.sort()).toEqual([...(c.dropped ?? [])].sort());
}

describe.each(files)("%s", (file) => {
  const kind = kinds.find((k) => k.singular === file);
  if (!kind) {
    throw new Error(`no kind ${file}`);
  }
  const cases = load(file);
  test.skip.each(cases.filter((c) => elsewhere[c.name]).map((c) => [c.name, elsewhere[c.name]]))("%s: %s", () => {});
  test.each(cases.filter((c) => !elsewhere[c.name]).map((c) => [c.name, c] as const))("%s", (_name, c) => {
    const strict = write(kind, c, "Strict");
    expectVerdict(strict, c.strict, "write");
    const warn = write(kind, c, "Warn");
    expectVerdict(warn, c.warn, "write");
    expectVerdict(apply(kind, c), c.apply, "apply");
    if (c.real) {
      const body = bodyOf(c);
      expectVerdict(admit({ ...requestOf(kind, body), operation: "create", dryRun: false }), c.real, "write");
    }
    const accepted = strict.ok ? strict : warn;
    if (accepted.ok && c.old === undefined) {
      expectStored(c, accepted.object);
    }
  });
});
