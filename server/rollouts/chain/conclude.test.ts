import { describe, expect, test } from "vitest";
import { conclude, mostTelling } from "./conclude.ts";

type Answered = Parameters<typeof conclude>[0]["answered"];
const asked = { words: "x-canary", stable: "v1", canary: "v2" };
const names = ["web-api", "recommendation", "purchase-history"];

const concluded = (received: readonly (boolean | null)[], answered: Answered) =>
  conclude(
    {
      hops: received.map((one, index) => ({ service: names[index] ?? "", version: "v1", received: one })),
      answered,
    },
    asked,
  );

describe("what follows from what was seen", () => {
  test.each([
    [
      "all told",
      [true, true, true],
      "canary",
      "passes",
      [true, true, null],
      "web-api and recommendation pass x-canary on: calls with it get v2.",
    ],
    [
      "only that the canary answered",
      [null, null, null],
      "canary",
      "passes",
      [true, true, null],
      "web-api and recommendation pass x-canary on: calls with it get v2.",
    ],
    [
      "nobody is in between",
      [null],
      "canary",
      "passes",
      [null],
      "Calls with x-canary get v2: the gateway calls web-api itself.",
    ],
    [
      "it arrives, whoever answered",
      [null, null, true],
      null,
      "passes",
      [true, true, null],
      "x-canary arrives at purchase-history; which version answered could not be seen.",
    ],
    [
      "the first drops it",
      [true, false, null],
      "other",
      "lost",
      [false, null, null],
      "web-api does not pass x-canary on: calls behind it get v1.",
    ],
    [
      "the second drops it",
      [true, true, false],
      "other",
      "lost",
      [true, false, null],
      "recommendation does not pass x-canary on: calls behind it get v1.",
    ],
    [
      "one of two drops it",
      [true, null, false],
      "other",
      "lost",
      [null, null, null],
      "x-canary is lost before purchase-history: whether web-api or recommendation drops it could not be seen.",
    ],
    [
      "only that the stable version answered",
      [null, null, null],
      "other",
      "lost",
      [null, null, null],
      "x-canary is lost before purchase-history: whether web-api or recommendation drops it could not be seen.",
    ],
    [
      "one link, and the stable version answered",
      [null, null],
      "other",
      "lost",
      [false, null],
      "web-api does not pass x-canary on: calls behind it get v1.",
    ],
    [
      "the gateway itself",
      [false, null],
      null,
      "lost",
      [null, null],
      "x-canary does not get through the gateway: calls behind it get v1.",
    ],
    [
      "nothing",
      [null, null, null],
      null,
      "unknown",
      [null, null, null],
      "Whether x-canary gets on could not be seen between web-api and purchase-history.",
    ],
    [
      "it arrives and leads nowhere",
      [true, true, true],
      "other",
      "unknown",
      [true, true, null],
      "x-canary arrives at purchase-history, but v2 did not answer: the rule that leads to it is not in force.",
    ],
  ] as const)("%s", (_what, received, answered, state, passedOn, sentence) => {
    const result = concluded(received, answered);
    expect(result).toMatchObject({ state, sentence });
    expect(result.hops.map((hop) => hop.passedOn)).toEqual(passedOn);
  });

  test("of several ways the one that loses it is told", () => {
    const one = (received: boolean | null, answered: Answered) => concluded([true, received], answered);
    const [lost, unknown, passes] = [one(false, "other"), one(null, null), one(true, "canary")];
    expect(mostTelling([passes, unknown, lost])).toBe(lost);
    expect(mostTelling([passes, unknown])).toBe(unknown);
    expect(mostTelling([])).toBeUndefined();
  });
});
