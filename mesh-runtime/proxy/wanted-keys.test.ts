import { expect, test } from "vitest";
import { WantedKeys } from "./wanted-keys.ts";

test("keys of an issuer are asked for once in ten seconds, of two hundred and fifty-six issuers at most", () => {
  const asked: string[] = [];
  let now = 5;
  const keys = new WantedKeys(
    (issuer) => asked.push(issuer),
    () => now,
  );
  for (const issuer of ["a", "a", "b", "a"]) {
    keys.wanted(issuer);
  }
  now += 9_999;
  keys.wanted("a");
  expect(asked).toEqual(["a", "b"]);
  now += 1;
  keys.wanted("a");
  expect(asked).toEqual(["a", "b", "a"]);
  for (let index = 0; index < 1_000; index++) {
    keys.wanted(`issuer ${index}`);
  }
  expect(asked).toHaveLength(3 + 254);
});
