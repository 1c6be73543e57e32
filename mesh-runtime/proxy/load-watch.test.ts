import { expect, test } from "vitest";
import { LoadWatch } from "./load-watch.ts";

/** Verdicts other than "stay", with the second they came in. */
function watch(seconds: number, main: number, others: readonly number[], threadsMax = 2): [number, string][] {
  const load = new LoadWatch();
  const verdicts: [number, string][] = [];
  for (let second = 1; second <= seconds; second++) {
    const verdict = load.observe(main, others, threadsMax);
    if (verdict !== "stay") {
      verdicts.push([second, verdict]);
    }
  }
  return verdicts;
}

test("a second thread is worth it after five busy seconds, not for a burst", () => {
  expect(watch(4, 0.95, [])).toEqual([]);
  expect(watch(5, 0.95, [])).toEqual([[5, "grow"]]);
});

test("without room for another thread nothing is started", () => {
  expect(watch(30, 0.95, [], 1)).toEqual([]);
});

test("when the first thread has most of the load, callers are asked to come again, now and then", () => {
  expect(watch(25, 0.95, [0.1])).toEqual([
    [1, "shed"],
    [12, "shed"],
    [23, "shed"],
  ]);
});

test("callers are left alone while both threads work", () => {
  expect(watch(60, 0.95, [0.9])).toEqual([]);
});

test("after a minute in which one thread could have done it all, one is enough", () => {
  expect(watch(60, 0.1, [0.1])).toEqual([[60, "shrink"]]);
  expect(watch(120, 0.3, [0.2])).toEqual([]);
});
