import { expect, test } from "vitest";
import { goDurationMs } from "./duration.ts";

test.each([
  ["0", 0],
  ["0s", 0],
  ["1ms", 1],
  ["1.5s", 1500],
  [".5s", 500],
  ["1.s", 1000],
  ["1h30m", 5_400_000],
  ["-2s", -2000],
  ["+2s", 2000],
  ["1us", 0.001],
  ["100µs", 0.1],
  ["2000000h", 7_200_000_000_000],
  ["", undefined],
  ["1", undefined],
  ["1d", undefined],
  ["1 s", undefined],
  ["s", undefined],
  ["1s ", undefined],
  ["9999999h", undefined],
  [`${"1s".repeat(100)}`, undefined],
])("%s is %s ms, as Go reads it", (text, ms) => {
  const found = goDurationMs(text);
  expect(found === undefined || ms === undefined ? found : Math.abs(found - ms) < 1e-9).toBe(
    ms === undefined ? ms : true,
  );
});
