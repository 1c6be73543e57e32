import { expect, test } from "vitest";
import { testSpec } from "../test-rollouts.suite.ts";
import { askedFor } from "./asked-for.ts";

test.each([
  [{}, "Release of v2: 10 %, then 100 % of the calls"],
  [
    { start: { image: "shop/cart:v2", command: ["node", "x.js"], replicas: 3 }, stopOldAfterMinutes: 5 },
    "Release of v2: starts 3 pods of shop/cart:v2 running node x.js with the service account and secrets of v1; 10 %, then 100 % of the calls; stops the pods of v1 5 minutes after its end",
  ],
  [
    {
      steps: [{ weight: 100 }],
      match: [{ by: "caller", namespace: "web", serviceAccount: "api" }],
      preview: { gateway: { namespace: "edge", name: "public" }, host: "v2.example.com" },
    },
    "Release of v2: 100 % of the calls; answers at v2.example.com; always gets calls of web/api",
  ],
])("what is asked for by %j is said", (more, words) => {
  expect(askedFor(testSpec(more))).toBe(words);
});

test("a long command hides neither the image nor that pods are started", () => {
  const start = { image: `example.com/${"x".repeat(400)}`, command: ["sh", "-c", "y".repeat(4_000)] };
  const words = askedFor(testSpec({ start }));
  expect(words).toMatch(
    /^Release of v2: starts as many pods as v1 has of example\.com\/x+… running sh -c y+… with the service account/,
  );
  expect(words.length).toBeLessThanOrEqual(500);
});
