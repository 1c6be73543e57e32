import { expect, test } from "vitest";
import { createWatchLimiter } from "./watch-limiter.ts";

test("one user cannot take everybody's watches, and what is released can be taken again", () => {
  const limiter = createWatchLimiter({ perUserMax: 2, totalMax: 3 });
  const release = limiter.acquire("a");
  limiter.acquire("a");
  expect(() => limiter.acquire("a")).toThrow(
    expect.objectContaining({ status: expect.objectContaining({ code: 429 }) }),
  );
  limiter.acquire("b");
  expect(() => limiter.acquire("c")).toThrow("too many watches");
  release();
  release();
  limiter.acquire("c");
  expect(() => limiter.acquire("c")).toThrow("too many watches");
});
