import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { openSqliteStore } from "./sqlite-store.ts";
import { storeSuite } from "./store.suite.ts";

const directory = mkdtempSync(join(tmpdir(), "towpath-store-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;
const path = (): string => join(directory, `${++files}.db`);

storeSuite("memory", () => openSqliteStore({ path: ":memory:", historyMax: 10 }));
storeSuite("file", () => openSqliteStore({ path: path(), historyMax: 10 }));

const key = { resource: "/pods", namespace: "web", name: "a" };

test("keeps objects, revision and the sequence over a restart", () => {
  const file = path();
  const first = openSqliteStore({ path: file });
  first.create(key, { metadata: { name: "a", labels: { x: "ü" } } });
  const { revision } = first.delete(first.create({ ...key, name: "b" }, { metadata: {} }));
  first.close();
  const second = openSqliteStore({ path: file });
  expect(second.revision).toBe(revision);
  expect(second.list("/pods").map(({ object }) => object.metadata?.labels)).toEqual([{ x: "ü" }]);
  expect(second.create({ ...key, name: "c" }, { metadata: {} }).revision).toBe(revision + 1);
  second.close();
});

test("a store of a newer layout is refused rather than misread", () => {
  const file = path();
  const db = new DatabaseSync(file);
  db.exec("PRAGMA user_version = 99");
  db.close();
  expect(() => openSqliteStore({ path: file })).toThrow("newer version");
});

test("a store that another one holds open is refused", () => {
  const file = path();
  const holder = openSqliteStore({ path: file });
  expect(() => openSqliteStore({ path: file, waitMs: 0 })).toThrow(expect.objectContaining({ code: "inUse" }));
  holder.close();
  openSqliteStore({ path: file }).close();
});

test("what was acknowledged survives kill -9", async () => {
  const file = path();
  const writer = spawn(
    process.execPath,
    ["--input-type=module", "-e", writerSource, new URL("./sqlite-store.ts", import.meta.url).href, file],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let acknowledged = 0;
  await new Promise<void>((resolve) => {
    writer.stdout.on("data", (chunk: Buffer) => {
      acknowledged = Number(chunk.toString().trim().split("\n").at(-1));
      if (acknowledged >= 50) {
        writer.kill("SIGKILL");
      }
    });
    writer.on("close", () => resolve());
  });
  const store = openSqliteStore({ path: file });
  expect(store.list("/pods").length).toBeGreaterThanOrEqual(acknowledged);
  expect(acknowledged).toBeGreaterThanOrEqual(50);
  store.close();
});

const writerSource = `
import { writeSync } from "node:fs";
const [, module, path] = process.argv;
const { openSqliteStore } = await import(module);
const store = openSqliteStore({ path });
for (let i = 1; ; i++) {
  store.create({ resource: "/pods", namespace: "web", name: "p" + i }, { metadata: { name: "p" + i } });
  writeSync(1, i + "\\n");
}
`;
