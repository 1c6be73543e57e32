import { expect, test } from "vitest";
import { CheckRate } from "./check-rate.ts";

test("a person looks at most six times within a minute, whatever others do", () => {
  const rate = new CheckRate();
  for (let second = 0; second < 6; second++) {
    rate.take("pat", 1_000 * second);
  }
  expect(() => rate.take("pat", 20_000)).toThrow("Look again in 40 s");
  rate.take("dana", 20_000);
  expect(() => rate.take("pat", 59_999)).toThrow("Look again in 1 s");
  rate.take("pat", 60_000);
  expect(() => rate.take("pat", 60_001)).toThrow("Look again in 1 s");
  rate.take("pat", 61_000);
});
