import { expect, test } from "vitest";
import { fewPods } from "./capacity.ts";
import { testSpec } from "./test-rollouts.suite.ts";

const pods = (counts: Readonly<Record<string, number>>) => ({
  pods: (_service: object, version: string) =>
    Array.from({ length: counts[version] ?? 0 }, (_, at) => ({
      ...{ name: `${version}-${at}`, ready: true, node: "a", restarts: 0, phase: "Running" },
    })),
});
const start = { image: "shop:2" };

test.each([
  ["as many run", {}, { v1: 3, v2: 3 }, undefined],
  [
    "fewer run",
    { steps: [{ weight: 10 }, { weight: 60 }] },
    { v1: 3, v2: 1 },
    "60 % of the calls go to 1 pod of v2, where v1 has 3. Add pods of v2 before that.",
  ],
  [
    "it ends with all calls though no step says so",
    { steps: [{ weight: 10 }] },
    { v1: 3, v2: 2 },
    "100 % of the calls go to 2 pods of v2, where v1 has 3. Add pods of v2 before that.",
  ],
  ["as many are started by default", { start }, { v1: 3 }, undefined],
  [
    "fewer are started",
    { start: { ...start, replicas: 1 } },
    { v1: 3 },
    "100 % of the calls go to 1 pod of v2, where v1 has 3. Start 3, or leave the number empty: then as many start as v1 has.",
  ],
  ["none run, which is another finding", {}, { v1: 3 }, undefined],
])("a release where %s", (_, more, counts, message) => {
  expect(fewPods(testSpec(more), pods(counts))[0]?.message).toBe(message);
});
