import { expect, test } from "vitest";
import { Fields } from "./fields.ts";
import { endToEnd } from "./hop-by-hop.ts";

const kept = (list: string[], connection: string[] = []): string[] => endToEnd(new Fields(list), connection).list;

test.each([
  "Connection",
  "Keep-Alive",
  "Proxy-Authorization",
  "Proxy-Connection",
  "TE",
  "Transfer-Encoding",
  "Content-Length",
  "Upgrade",
  "HTTP2-Settings",
  "Host",
])("drops %s", (name) => {
  expect(kept([name, "x", "Accept", "y"])).toEqual(["Accept", "y"]);
});

test("drops what Connection nominates, whatever its case", () => {
  expect(kept(["X-Secret", "a", "X-Other", "b"], ["close", "x-secret"])).toEqual(["X-Other", "b"]);
});

test("keeps order, case and repeated fields", () => {
  const list = ["Set-Cookie", "a", "X", "b", "set-cookie", "c"];
  expect(kept(list)).toEqual(list);
});
