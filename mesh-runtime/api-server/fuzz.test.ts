/** Whatever arrives, the answer is one that a client can read, and never a failure of the server. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { kinds } from "../api/registry.ts";
import { startServer } from "./running-server.suite.ts";

// The suite's log throws on every error that the server would log as its own.
const server = await startServer();
afterAll(() => server[Symbol.asyncDispose]());

const types = [
  "application/json",
  "application/yaml",
  "application/merge-patch+json",
  "application/json-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
  "application/vnd.kubernetes.protobuf",
];
const scalar = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom("__proto__", "x", "v1", "1"),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(
      fc.constantFrom(
        "metadata",
        "spec",
        "name",
        "labels",
        "rules",
        "ports",
        "status",
        "containers",
        "from",
        "$patch",
        "a",
      ),
      tie("tree"),
      { maxKeys: 5 },
    ),
  ),
}));

const paths = kinds.flatMap((kind) => {
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const collection = `${root}${kind.namespaced ? "/namespaces/default" : ""}/${kind.plural}`;
  return [collection, `${collection}/x`, `${collection}/x/status`, `${collection}/x/scale`];
});

const readable = ({ code, json }: { code: number; json: { kind?: string } | undefined }): boolean =>
  code < 500 && (code < 400 || json?.kind === "Status");

test("bodies of every shape under every type to every kind", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.constantFrom("POST", "PUT", "PATCH", "DELETE"),
      fc.constantFrom(...types),
      tree,
      fc.boolean(),
      async (path, method, contentType, value, named) => {
        const kind = kinds.find(({ plural }) => path.includes(`/${plural}`));
        const identity = { apiVersion: kind?.group ? `${kind.group}/${kind.version}` : "v1", kind: kind?.kind };
        const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
        const metadata = isObject ? { name: "x", ...((value as { metadata?: object }).metadata ?? {}) } : {};
        const body = named && isObject ? { ...identity, ...value, metadata } : value;
        const query = { fieldManager: "fuzz", dryRun: "All" };
        const answer = await server.call({ method, path, contentType, body: JSON.stringify(body) ?? "", query });
        expect([answer.code, answer.text.slice(0, 300), readable(answer)]).toEqual([
          answer.code,
          answer.text.slice(0, 300),
          true,
        ]);
      },
    ),
    { numRuns: 600 },
  );
});

test("queries of every shape", { timeout: 60_000 }, async () => {
  const names = [
    "labelSelector",
    "fieldSelector",
    "limit",
    "continue",
    "resourceVersion",
    "resourceVersionMatch",
    "timeoutSeconds",
  ];
  const value = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom("0", "1", "-1", "99999999999", "a in (b", "metadata.name=x", "Exact"),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.dictionary(fc.constantFrom(...names), value),
      async (path, query) => {
        const answer = await server.call({ path, query });
        // 504: a revision that is not there yet.
        expect(answer.code === 504 || readable(answer)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
