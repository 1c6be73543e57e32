import { expect, test } from "vitest";
import { contextOf } from "../access/filled-in.suite.ts";
import { caller, grant, lock } from "../access/sample-intents.suite.ts";
import { type Intent, type IntentChange, intentKey } from "../intent.ts";
import { plainTextCut } from "./plain-text-cut.ts";

const given = (...all: readonly Intent[]): IntentChange[] =>
  all.map((after) => ({ key: intentKey(after), before: undefined, after }));
const recommendation = grant({ caller: caller("recommendation", "recommendation") });

test.each<[string, boolean, IntentChange[], string[], Parameters<typeof contextOf>[0]]>([
  ["a first caller, whose namespace just joined", true, given(recommendation), ["recommendation"], {}],
  ["a first caller, where the service's namespace just joined", true, given(recommendation), ["default"], {}],
  ["nobody joined", false, given(recommendation), [], {}],
  ["somebody else joined", false, given(recommendation), ["web-api"], {}],
  ["plain text is refused already", false, given(recommendation), ["default"], { intents: [lock("default")] }],
  [
    "anyone may call as before",
    false,
    given(recommendation, grant({ caller: { kind: "anyone" } })),
    ["recommendation"],
    { intents: [] },
  ],
  ["the caller is not in the mesh", false, given(recommendation), ["default"], { sample: { enrolled: ["default"] } }],
  ["an end", false, [{ key: intentKey(recommendation), before: recommendation, after: undefined }], ["default"], {}],
])("connections opened in plain text are cut: %s: %s", (_what, cut, changes, joined, around) => {
  const context = contextOf(around);
  const live = plainTextCut(changes, new Set(joined), context);
  expect(live.map(({ code, level }) => `${level} ${code}`)).toEqual(cut ? ["info plain-text-callers"] : []);
  if (cut) {
    expect(live[0]?.message).toContain("from recommendation to httpbin");
  }
});
