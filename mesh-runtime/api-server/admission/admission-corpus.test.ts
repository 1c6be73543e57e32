import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { type Answer, type Case, corpusFiles, storedDifferences, verdictDifferences } from "../../api/corpus.suite.ts";
import type { KindDefinition } from "../../api/kind.ts";
import { kinds } from "../../api/registry.ts";
import type { JsonObject } from "../../api/schema/json.ts";
import { type RawAnswer, type RunningServer, startServer } from "../running-server.suite.ts";

let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
  await server.call({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "web" } } });
  await server.call({
    method: "POST",
    path: "/api/v1/namespaces/web/serviceaccounts",
    body: { metadata: { name: "default" } },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function load(file: string): Case[] {
  const url = new URL(`../../api/testdata/corpus/${file}.yaml`, import.meta.url);
  return parse(readFileSync(url, "utf8")) as Case[];
}

function answerOf({ code, json, headers }: RawAnswer): Answer {
  const line = [headers.warning ?? []].flat().join(", ");
  const warnings = [...line.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) =>
    text.replace(/\\(.)/g, "$1"),
  );
  return code < 300
    ? { code, warnings, object: json }
    : { code, warnings, reason: json?.reason, message: json?.message, causes: json?.details?.causes };
}

const nameOf = (body: JsonObject | undefined) => (body?.["metadata"] as { name?: string } | undefined)?.name ?? "x";

function pathOf(kind: KindDefinition): string {
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  return `${root}${kind.namespaced ? "/namespaces/web" : ""}/${kind.plural}`;
}

async function applyTo(kind: KindDefinition, c: Case, body: JsonObject | string, query: Record<string, string>) {
  return server.call({
    method: "PATCH",
    path: `${pathOf(kind)}/${nameOf(c.object)}`,
    query: { fieldManager: "test", ...query },
    contentType: "application/apply-patch+yaml",
    body,
  });
}

async function write(kind: KindDefinition, c: Case, fieldValidation: "Strict" | "Warn"): Promise<Answer> {
  const query = { dryRun: "All", fieldValidation };
  if (c.old === undefined) {
    const body = c.text ?? c.object;
    const contentType = c.text === undefined ? "application/json" : "application/yaml";
    return answerOf(await server.call({ method: "POST", path: pathOf(kind), query, body, contentType }));
  }
  const path = `${pathOf(kind)}/${nameOf(c.object)}`;
  const { resourceVersion } = (await server.call({ path })).json.metadata;
  const body = { ...c.object, metadata: { ...(c.object?.["metadata"] as object), resourceVersion } };
  return answerOf(await server.call({ method: "PUT", path, query, body }));
}

describe.each(corpusFiles)("%s over HTTPS", (file) => {
  const kind = kinds.find((k) => k.singular === file);
  if (!kind) {
    throw new Error(`no kind ${file}`);
  }
  test.each(load(file).map((c) => [c.name, c] as const))("%s", async (_name, c) => {
    if (c.old !== undefined) {
      await applyTo(kind, c, c.old, {});
    }
    const strict = await write(kind, c, "Strict");
    const warn = await write(kind, c, "Warn");
    const apply = answerOf(await applyTo(kind, c, c.text ?? c.object ?? {}, { dryRun: "All" }));
    if (c.old !== undefined) {
      await server.call({
        method: "DELETE",
        path: `${pathOf(kind)}/${nameOf(c.old)}`,
        query: { gracePeriodSeconds: "0" },
      });
    }
    const sent = c.object ?? (parseAllDocuments(c.text ?? "", { version: "1.1" })[0]?.toJS() as JsonObject);
    const { object } = strict.object === undefined ? warn : strict;
    const found = [
      ...verdictDifferences(strict, c.strict, "write"),
      ...verdictDifferences(warn, c.warn, "write"),
      ...verdictDifferences(apply, c.apply, "apply"),
      ...(object !== undefined && c.old === undefined ? storedDifferences(c, sent, object) : []),
    ];
    expect(found).toEqual([]);
  });
});
