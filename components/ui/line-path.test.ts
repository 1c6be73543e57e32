import { expect, it } from "vitest";
import { areaPath, linePath } from "./line-path.ts";

const scale = { width: 30, height: 10, top: 10, pad: 0 };

it("draws a line from the oldest to the newest value", () => {
  expect(linePath([0, 10, 5], { ...scale, width: 20 })).toBe("M0 10L10 0L20 5");
});

it("leaves a gap where nothing was measured instead of drawing zero", () => {
  expect(linePath([10, null, 10, 10], scale)).toBe("M0 0M20 0L30 0");
});

it("closes each run of the area by itself", () => {
  expect(areaPath([10, 10, null, 10], scale)).toBe("M0 10L0 0L10 0L10 10Z");
});

it("keeps a value above the scale inside the picture", () => {
  expect(linePath([20], scale)).toBe("M0 0");
});
