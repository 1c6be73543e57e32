/** The admission corpus over HTTPS: the same cases as in `api/corpus.test.ts`, through decoding, routing and the store. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Answer, type Case, corpusFiles, storedDifferences, verdictDifferences } from "../api/corpus.suite.ts";
import { kinds } from "../api/registry.ts";
import { type RawAnswer, startServer } from "./running-server.suite.ts";

const server = await startServer();
beforeAll(() => server.call({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "web" } } }));
afterAll(() => server[Symbol.asyncDispose]());

/** Texts of `Warning` headers (RFC 7234): `299 - "text"`, several joined by commas. */
function warningsOf(header: string | undefined): string[] {
  return [...(header ?? "").matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) =>
    text.replace(/\\(.)/g, "$1"),
  );
}

function answerOf({ code, json, headers }: RawAnswer): Answer {
  const warnings = warningsOf([headers.warning].flat().join(", "));
  return code < 300
    ? { code, warnings, object: json }
    : { code, reason: json?.reason, message: json?.message, causes: json?.details?.causes, warnings };
}

describe.each(corpusFiles)("%s over HTTPS", (file) => {
  const kind = kinds.find(({ singular }) => singular === file)!;
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const collection = `${root}${kind.namespaced ? "/namespaces/web" : ""}/${kind.plural}`;
  const path = new URL(`../api/testdata/corpus/${file}.yaml`, import.meta.url);
  const cases = parse(readFileSync(path, "utf8")) as Case[];

  const nameOf = (c: Case): string => {
    const body = c.object ?? (parse(c.text ?? "", { logLevel: "silent", strict: false }) as Case["object"]);
    const name = (body?.["metadata"] as { name?: unknown } | undefined)?.name;
    return typeof name === "string" && name !== "" ? name : "x";
  };
  const sent = (c: Case, object = c.object) =>
    object === undefined ? { body: c.text, contentType: "application/yaml" } : { body: object };
  const write = async (c: Case, fieldValidation: string, resourceVersion: string | undefined): Promise<Answer> => {
    const query = { dryRun: "All", fieldValidation, fieldManager: "test" };
    if (resourceVersion === undefined) {
      return answerOf(await server.call({ method: "POST", path: collection, query, ...sent(c) }));
    }
    const metadata = { ...(c.object?.["metadata"] as object), resourceVersion };
    const path = `${collection}/${nameOf(c)}`;
    return answerOf(await server.call({ method: "PUT", path, query, ...sent(c, { ...c.object, metadata }) }));
  };
  const apply = async (c: Case, object: Case["object"], dryRun: boolean): Promise<RawAnswer> =>
    server.call({
      method: "PATCH",
      path: `${collection}/${encodeURIComponent(nameOf(c))}`,
      query: { fieldManager: "test", ...(dryRun ? { dryRun: "All" } : {}) },
      ...sent(c, object),
      contentType: "application/apply-patch+yaml",
    });

  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_name, c) => {
    const old = c.old === undefined ? undefined : await apply(c, c.old, false);
    const resourceVersion = old?.json.metadata.resourceVersion;
    const strict = await write(c, "Strict", resourceVersion);
    const warn = await write(c, "Warn", resourceVersion);
    expect(verdictDifferences(strict, c.strict, "write")).toEqual([]);
    expect(verdictDifferences(warn, c.warn, "write")).toEqual([]);
    expect(verdictDifferences(answerOf(await apply(c, c.object, true)), c.apply, "apply")).toEqual([]);
    const { object } = strict.object === undefined ? warn : strict;
    if (object !== undefined && c.old === undefined && c.object !== undefined) {
      expect(storedDifferences(c, c.object, object)).toEqual([]);
    }
    if (old !== undefined) {
      await server.call({ method: "DELETE", path: `${collection}/${nameOf(c)}`, body: { gracePeriodSeconds: 0 } });
    }
  });
});
