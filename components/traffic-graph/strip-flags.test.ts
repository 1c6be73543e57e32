import { expect, test } from "vitest";
import { stripFlags } from "./strip-flags.ts";

const spanMs = 1_000;
const flags = (...at: number[]) =>
  stripFlags(
    {
      endUnixMs: spanMs,
      changes: at.map((timeUnixMs, index) => ({ id: String(index), number: index, title: "t", timeUnixMs })),
    },
    spanMs,
  ).map(({ change, atEnd, words }) => `${change.timeUnixMs} ${atEnd ? "end" : "begin"}${words ? " words" : ""}`);

test.each([
  ["one", [300], ["300 begin words"]],
  ["far apart", [100, 300], ["100 begin words", "300 begin words"]],
  ["close: the first has the words", [100, 200], ["100 begin words", "200 begin"]],
  ["at the end words go to the left", [950], ["950 end words"]],
  ["and do not lie over words that go to the right", [800, 950], ["800 begin words", "950 end"]],
  ["nor over a mark", [600, 900, 905], ["600 begin words", "900 end words", "905 end"]],
  ["whatever order they come in", [950, 100], ["100 begin words", "950 end words"]],
])("%s", (_what, at, expected) => {
  expect(flags(...at)).toEqual(expected);
});
