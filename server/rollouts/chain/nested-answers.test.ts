import fc from "fast-check";
import { expect, test } from "vitest";
import { nestedAnswers } from "./nested-answers.ts";

const target = { namespace: "purchase-history", name: "purchase-history" };
const answer = (service: string, more: object = {}) => ({ service, version: "v1", headers: ["X-Canary"], ...more });
const nested = (body: unknown) => nestedAnswers(JSON.stringify(body), target)?.map(({ service }) => service);

test("who answered, from the first down to the one that is meant", () => {
  const last = answer("purchase-history", { version: "v2", namespace: "purchase-history" });
  const other = answer("stock");
  const middle = answer("recommendation", { upstreamCalls: [{ body: other }, { body: last }] });
  expect(nestedAnswers(JSON.stringify(answer("web-api", { upstreamCalls: [{ body: middle }] })), target)).toEqual([
    { service: "web-api", version: "v1", headers: ["x-canary"] },
    { service: "recommendation", version: "v1", headers: ["x-canary"] },
    { service: "purchase-history", version: "v2", headers: ["x-canary"] },
  ]);
});

test.each([
  ["it is no JSON", "<html>"],
  ["the answer says nothing", "{}"],
  ["another service of the name answered", JSON.stringify(answer("purchase-history", { namespace: "other" }))],
  [
    "the call was refused on the way",
    JSON.stringify(answer("web-api", { upstreamCalls: [{ body: "RBAC: access denied" }] })),
  ],
  ["it was cut off", JSON.stringify(answer("web-api")).slice(0, 20)],
])("nothing when %s", (_what, body) => {
  expect(nestedAnswers(body, target)).toBeUndefined();
});

test("an answer that holds itself over and over is read so deep and no deeper", () => {
  const deep = Array.from({ length: 40 }).reduce(
    (body: object) => answer("web-api", { upstreamCalls: [{ body }] }),
    answer("purchase-history"),
  );
  expect(nested(deep)).toBeUndefined();
});

test("whatever comes back is read without an error", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      nestedAnswers(body, target);
    }),
  );
});
