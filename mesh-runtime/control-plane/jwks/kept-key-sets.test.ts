import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keySetWriter, loadKeySets } from "./kept-key-sets.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet };
const jwks = '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qY"}]}';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "towpath-jwks-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("reads what is there, and only public keys of it", async () => {
  const path = join(folder, "sets.json");
  const mine = { url: "https://a.example/keys", jwks, fetchedAtMs: 7 };
  const forged = { url: "https://b.example/keys", jwks: '{"keys":[{"kty":"oct","k":"x"}]}', fetchedAtMs: 7 };
  await writeFile(path, JSON.stringify({ sets: [mine, forged, null, 3] }));
  expect(await loadKeySets(path)).toEqual([mine]);
});

it.each([
  ["is not there", undefined],
  ["is cut off", '{"sets": ['],
  ["holds something else", "[]"],
])("a file that %s holds none", async (_what, content) => {
  const path = join(folder, "sets.json");
  if (content !== undefined) {
    await writeFile(path, content);
  }
  expect(await loadKeySets(path)).toEqual([]);
});

it("of several writes the last remains", async () => {
  const path = join(folder, "sets.json");
  const set = (fetchedAtMs: number) => [{ url: "https://a.example/keys", jwks, fetchedAtMs }];
  const { write, idle } = keySetWriter(path, quiet);
  write(set(1));
  write(set(2));
  write(set(3));
  await idle();
  expect(await loadKeySets(path)).toEqual(set(3));
  expect(await readFile(path, "utf8")).not.toContain("tmp");
});
