import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { type AdmissionRequest, type AdmissionResult, admit, admitApplied } from "./admission.ts";
import { type Answer, type Case, corpusFiles, storedDifferences, verdictDifferences } from "./corpus.suite.ts";
import type { AdmissionContext, KindDefinition } from "./kind.ts";
import type { KubeObject } from "./meta.ts";
import { kinds } from "./registry.ts";
import { isObject, type JsonObject } from "./schema/json.ts";
import type { Structural } from "./schema/structural.ts";

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

function answerOf(result: AdmissionResult): Answer {
  if (result.ok) {
    return { code: 201, warnings: result.warnings, object: result.object };
  }
  const { code, reason, message, details } = result.status;
  return { code, reason, message, causes: details?.causes, warnings: result.warnings };
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

function write(kind: KindDefinition, c: Case, fieldValidation: "Strict" | "Warn"): Answer {
  const old = storedOf(kind, c);
  const body = bodyOf(c);
  if (old === undefined) {
    return answerOf(admit({ ...requestOf(kind, body), operation: "create", fieldValidation }));
  }
  const object = { ...body, metadata: { ...(body["metadata"] as object), resourceVersion: "7" } };
  const request = { ...requestOf(kind, object), name: nameOf(body), old, fieldValidation };
  return answerOf(admit({ ...request, operation: "update" }));
}

function apply(kind: KindDefinition, c: Case): Answer {
  const old = storedOf(kind, c);
  const body = bodyOf(c);
  const request = { ...requestOf(kind, body), name: nameOf(body), ...(old ? { old } : {}) };
  const status = admitApplied(request);
  if (status) {
    return answerOf({ ok: false, status, warnings: [] });
  }
  const object = old ? merge(kind.schema, old, body) : body;
  return answerOf(admit({ ...request, operation: "apply", object }));
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

describe.each(corpusFiles)("%s", (file) => {
  const kind = kinds.find((k) => k.singular === file);
  if (!kind) {
    throw new Error(`no kind ${file}`);
  }
  const cases = load(file);
  test.skip.each(cases.filter((c) => elsewhere[c.name]).map((c) => [c.name, elsewhere[c.name]]))("%s: %s", () => {});
  test.each(cases.filter((c) => !elsewhere[c.name]).map((c) => [c.name, c] as const))("%s", (_name, c) => {
    const strict = write(kind, c, "Strict");
    const warn = write(kind, c, "Warn");
    expect(verdictDifferences(strict, c.strict, "write")).toEqual([]);
    expect(verdictDifferences(warn, c.warn, "write")).toEqual([]);
    expect(verdictDifferences(apply(kind, c), c.apply, "apply")).toEqual([]);
    if (c.real) {
      const real = admit({ ...requestOf(kind, bodyOf(c)), operation: "create", dryRun: false });
      expect(verdictDifferences(answerOf(real), c.real, "write")).toEqual([]);
    }
    const { object } = strict.object === undefined ? warn : strict;
    if (object !== undefined && c.old === undefined) {
      expect(storedDifferences(c, bodyOf(c), object)).toEqual([]);
    }
  });
});
