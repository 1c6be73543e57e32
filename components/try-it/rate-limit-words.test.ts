import { expect, test } from "vitest";
import { rateLimitWords } from "./rate-limit-words.ts";

test.each([
  [{}, ""],
  [{ "ratelimit-limit": "10", "ratelimit-remaining": "3" }, "3 of 10 left"],
  [{ "ratelimit-limit": "10, 10;w=10", "ratelimit-remaining": "0", "retry-after": "7" }, "0 of 10 left, again in 7 s"],
  [{ "Retry-After": "7" }, "again in 7 s"],
  [{ "retry-after": "Sun, 22 Nov 2026 18:00:00 GMT" }, "again at Sun, 22 Nov 2026 18:00:00 GMT"],
  [{ "ratelimit-remaining": "1" }, "1 left"],
])("%j reads %j", (headers, words) => {
  expect(rateLimitWords({ headers: Object.entries(headers).map(([name, value]) => ({ name, value })) })).toBe(words);
});
