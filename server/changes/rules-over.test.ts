import { afterAll, beforeAll, expect, test } from "vitest";
import type { PathFormValues } from "@/server/contracts/golden-paths/forms.ts";
import { toJson } from "@/server/db/client.ts";
import { allow, dana, TestChanges } from "./test-changes.suite.ts";

let company: TestChanges;
beforeAll(async () => {
  company = await TestChanges.start();
}, 60_000);
afterAll(() => company.close(), 60_000);

const guard = async (rule: object): Promise<void> => {
  const path = { slug: "give-a-waypoint", who: "owners", approval: false, defaults: {}, ranges: [], ...rule };
  const value = toJson({
    guardrails: { paths: [path], freezes: [], approvalHours: 72 },
    changedBy: null,
    changedUnixMs: null,
  });
  await company.database.db.setting.upsert({
    where: { key: "guardrails" },
    create: { key: "guardrails", value },
    update: { value },
  });
};

/** Needs a waypoint, which comes with the change. */
const byMethod: PathFormValues["let-a-caller-in"] = {
  ...allow("web-api", "recommendation"),
  requests: [{ methods: ["GET"], paths: [], headers: [] }],
};

test.each(["platform", "nobody"] as const)(
  "a path for %s does not come along with another path",
  async (who) => {
    await guard({ who });
    const preview = await company.changes.preview("let-a-caller-in", byMethod, dana);
    expect(preview.applicable).toBe(false);
    expect(preview.findings[0]).toMatchObject({
      code: "path-restricted",
      message: expect.stringContaining('"give a waypoint" comes along'),
    });
    await expect(company.apply("let-a-caller-in", byMethod, { by: dana })).rejects.toMatchObject({
      code: "path-restricted",
    });
  },
  30_000,
);

test("a path that needs agreement needs it when it comes along too, and not where it does not", async () => {
  await guard({ approval: true });
  const along = await company.changes.preview("let-a-caller-in", byMethod, dana);
  expect(along.approval.map(({ team }) => team)).toEqual(["platform"]);
  const alone = await company.changes.preview("let-a-caller-in", allow("web-api", "recommendation"), dana);
  expect(alone.approval).toEqual([]);
}, 30_000);
