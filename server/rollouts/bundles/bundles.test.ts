import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dana } from "@/server/changes/test-changes.suite.ts";
import { resourcePath } from "@/server/cluster/kinds.ts";
import type { RolloutDetails, RolloutState } from "@/server/contracts/rollouts.ts";
import { TestRollouts, testSpec } from "../test-rollouts.suite.ts";

let company: TestRollouts;
const recommendation = { namespace: "recommendation", name: "recommendation" };
beforeAll(async () => {
  company = await TestRollouts.start();
  await company.versionsOf(recommendation);
}, 240_000);
afterAll(() => company.close(), 240_000);

const soaking = (state: RolloutState, { nextVerdictUnixMs }: RolloutDetails): boolean =>
  state === "running" && nextVerdictUnixMs !== null;
const open = { steps: [{ weight: 10 }, { weight: 100 }], analysis: { interval: "10s", passes: 90 } };

/** The pod of its old version answers, or does not. */
async function setReady(ready: boolean): Promise<void> {
  const { connection, cluster } = company.company;
  const name = "recommendation-v1-0";
  const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
  await connection.request({
    method: "PATCH",
    path: `${resourcePath("Pod", recommendation.namespace, name)}/status`,
    contentType: "application/merge-patch+json",
    body: { status: { conditions } },
  });
  await company.company.seen(
    () => cluster.get("Pod", recommendation.namespace, name)?.status?.conditions?.[0]?.status === conditions[0]?.status,
  );
}

describe("a bundle that goes back", { timeout: 300_000 }, () => {
  test("tries once to undo what has no pods to go back to, then ends and names it", async () => {
    const { id, rollouts } = await company.rollouts.startBundle(
      {
        ...{ title: "both", order: "in-order", abortTogether: true, reason: "", openedUnixMs: Date.now() },
        specs: [testSpec({ service: recommendation }), testSpec(open)],
      },
      company.asker(),
    );
    const [first = "", second = ""] = rollouts.map((one) => one.id);
    await company.until(soaking, second);
    expect((await company.details(first)).state).toBe("completed");
    await setReady(false);
    await company.rollouts.abortBundle(id, "sale is off", company.asker());
    await company.ended(second);
    await company.until((state) => state === "completed", first);
    for (let ticks = 0; ticks < 3; ticks++) {
      await company.tick(company.rollouts, company.company.changes, 400);
    }
    const { state, words } = await company.rollouts.bundle(id, dana);
    expect([state, words]).toEqual([
      "failed",
      expect.stringContaining("Not undone: v1 had no ready pod within 5 minutes. Undo it by itself") as string,
    ]);
    const { events } = await company.details(first);
    expect(events.filter(({ kind, level }) => kind === "undo" && level === "error")).toHaveLength(1);
    await setReady(true);
    await company.act(first, "undo");
    expect((await company.ended(first)).state).toBe("undone");
  });
});
