import { expect, test } from "vitest";
import { type LogSelection, lineTime, parseMoments, selectLines } from "./log-lines.ts";

const older = { bytes: Buffer.from("a\nb\n"), moments: parseMoments("2 1000\n4 2000\n"), fallbackMs: 9_000 };
const newer = { bytes: Buffer.from("c\nd\ne"), moments: parseMoments("4 3000\n"), fallbackMs: 9_000 };
const none: LogSelection = { timestamps: false };

test.each<[string, Partial<LogSelection>, string]>([
  ["everything, over the rotation", {}, "a\nb\nc\nd\ne"],
  ["the last lines", { tailLines: 3 }, "c\nd\ne"],
  ["the last lines, over the rotation", { tailLines: 4 }, "b\nc\nd\ne"],
  ["no lines", { tailLines: 0 }, ""],
  ["more lines than there are", { tailLines: 99 }, "a\nb\nc\nd\ne"],
  ["since a moment", { sinceMs: 2_000 }, "b\nc\nd\ne"],
  [
    "with times",
    { timestamps: true, tailLines: 2 },
    "1970-01-01T00:00:03.000000000Z d\n1970-01-01T00:00:09.000000000Z e",
  ],
])("%s", (_, selection, expected) => {
  expect(selectLines([older, newer], { ...none, ...selection }).toString()).toBe(expected);
});

test.each([
  [0, 1_000],
  [1, 1_000],
  [2, 2_000],
  [3, 2_000],
  [4, 9_000],
])("the line at %i was written at %i", (offset, expected) => {
  expect(lineTime(older.moments, offset, 9_000)).toBe(expected);
});

test("a broken moments file is read as far as it goes", () => {
  expect(parseMoments("2 1000\nx y\n\n7")).toEqual([{ offset: 2, unixMs: 1000 }]);
});
