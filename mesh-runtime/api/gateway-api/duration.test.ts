import { expect, test } from "vitest";
import { durationMs } from "./duration.ts";

test.each([
  ["0s", 0],
  ["100ms", 100],
  ["1m30s", 90_000],
  ["1h", 3_600_000],
  ["1h2m3s4ms", 3_723_004],
  ["1.5s", undefined],
  ["100us", undefined],
  ["", undefined],
  ["123456s", undefined],
])("%s is %s ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});
