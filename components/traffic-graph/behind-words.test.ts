import { expect, test } from "vitest";
import { behindWords } from "./behind-words.ts";

const nothing = {
  retries: 0,
  retriesSucceeded: 0,
  retriesForbidden: 0,
  timeouts: 0,
  overflows: 0,
  rateLimited: 0,
  faultsInjected: 0,
  mirrored: 0,
  notMirrored: 0,
  ejections: 0,
};

test.each([
  [{}, []],
  [{ retries: 1, retriesSucceeded: 1 }, ["1 retry, 1 of them with success"]],
  [{ retries: 3, retriesForbidden: 2 }, ["3 retries, 0 of them with success", "2 retries forbidden by a budget"]],
  [{ timeouts: 1, overflows: 4, rateLimited: 1200 }, ["1 timeout", "4 turned away at a limit", "1,200 rate limited"]],
  [{ faultsInjected: 1, mirrored: 2, ejections: 1 }, ["1 fault injected", "2 mirrored", "1 pod taken out"]],
  [{ mirrored: 2, notMirrored: 1 }, ["2 mirrored", "1 too long or unfinished to be mirrored"]],
])("%j reads %j", (some, words) => {
  expect(behindWords({ ...nothing, ...some })).toEqual(words);
});
