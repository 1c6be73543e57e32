import { describe, expect, it } from "vitest";
import { durationMs } from "./duration.ts";

describe("durations", () => {
  it.each([
    ["10s", 10_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1_500],
    [".5s", 500],
    ["100ms", 100],
    ["0s", 0],
    ["0", 0],
    ["1us", 1],
    ["1µs", 1],
    ["1500us", 2],
    ["1m0.25s", 60_250],
    ["86400s", 86_400_000],
  ])("%s", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(["", "10", "-1s", "1d", "s", ".s", "1 s", "1e3s", "999999999999h", "١s", 5, null, {}, "1s".repeat(60)])(
    "%j is none",
    (value) => {
      expect(durationMs(value)).toBeUndefined();
    },
  );
});
