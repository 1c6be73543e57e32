import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleDetails, bundleList } from "@/server/contracts/rollout-bundles.ts";
import { rolloutReport } from "@/server/contracts/rollout-report.ts";
import {
  chainCheck,
  type RolloutDetails,
  rolloutDetails,
  rolloutList,
  rolloutSeries,
} from "@/server/contracts/rollouts.ts";
import { testSpec } from "@/server/rollouts/test-rollouts.suite.ts";
import { gated, TestPortal } from "./test-portal.suite.ts";

let portal: TestPortal;
let pat: Record<string, string>;
beforeAll(async () => {
  portal = await TestPortal.start();
  pat = await portal.session("pat");
}, 240_000);
afterAll(() => portal.close(), 240_000);

const begin = async (): Promise<RolloutDetails> => {
  const body = { spec: testSpec(gated), openedUnixMs: Date.now() };
  const response = await portal.send("POST", "/api/v1/rollouts", pat, body);
  expect(response.status).toBe(201);
  return rolloutDetails.parse(await response.json());
};
const act = (id: string, action: string, headers = pat, body: object = {}): Promise<Response> =>
  portal.send("POST", `/api/v1/rollouts/${id}/${action}`, headers, body);
const end = async (id: string): Promise<void> => {
  expect((await act(id, "abort")).status).toBe(202);
  await portal.world.ended(id);
};
const atGate = (id: string): Promise<RolloutDetails> => portal.world.until((_, { hold }) => hold === "gate", id);
const code = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { code: string }).code,
];

describe("releases over HTTP", { timeout: 300_000 }, () => {
  test("one is started, listed, promoted at the revision that was seen, and not at another", async () => {
    const { id } = await begin();
    const listed = await portal.send("GET", "/api/v1/rollouts?active=true&namespace=purchase-history", pat);
    expect(rolloutList.parse(await listed.json()).rollouts.map((one) => one.id)).toEqual([id]);
    const { revision } = await atGate(id);
    expect(await code(await act(id, "promote", pat, { revision: revision - 1 }))).toEqual([409, "conflict"]);
    const promoted = await act(id, "promote", pat, { revision });
    expect([promoted.status, rolloutDetails.parse(await promoted.json()).id]).toEqual([202, id]);
    expect((await portal.world.ended(id)).state).toBe("completed");
    expect(await code(await act(id, "promote"))).toEqual([409, "not-in-this-state"]);
    expect((await act(id, "undo")).status).toBe(202);
    await portal.world.ended(id);
  });

  test("one is paused, resumed, begun again, promoted fully, undone, aborted and tried again", async () => {
    const { id } = await begin();
    await atGate(id);
    const told = async (action: string, body: object = {}, of = id): Promise<RolloutDetails> => {
      const response = await act(of, action, pat, body);
      expect([action, response.status]).toEqual([action, 202]);
      return rolloutDetails.parse(await response.json());
    };
    expect((await told("pause", { reason: "lunch" })).hold).toBe("person");
    expect(await code(await act(id, "pause"))).toEqual([409, "not-in-this-state"]);
    expect((await told("resume")).hold).toBe("gate");
    expect(await code(await act(id, "restart", pat, { step: 1 }))).toEqual([409, "not-in-this-state"]);
    const restarted = await told("restart", { step: 0, reason: "v2 was fixed" });
    expect([restarted.step, restarted.events.at(-1)?.text]).toEqual([0, expect.stringContaining("v2 was fixed")]);
    await atGate(id);
    const checked = await portal.send("POST", `/api/v1/rollouts/${id}/chain-check`, pat, {});
    expect([checked.status, chainCheck.parse(await checked.json()).state]).toEqual([200, "unknown"]);
    await told("promote-fully");
    expect([(await portal.world.ended(id)).state, await portal.world.canaryShare()]).toEqual(["completed", 100]);
    await told("undo", { reason: "slow" });
    expect([await portal.world.canaryShare(), (await portal.world.ended(id)).state]).toEqual([0, "undone"]);
    const second = await begin();
    await atGate(second.id);
    expect((await told("abort", { reason: "errors" }, second.id)).state).toBe("rolling-back");
    expect([await portal.world.canaryShare(), (await portal.world.ended(second.id)).state]).toEqual([0, "rolled-back"]);
    const again = await told("retry", {}, second.id);
    expect([again.number, again.reason]).toEqual([second.number + 1, second.reason]);
    await end(again.id);
  });

  test("its stream tells each move as it happens and closes when it has ended", async () => {
    const { id } = await begin();
    const stream = await portal.send("GET", `/api/v1/rollouts/${id}/stream`, pat);
    expect(stream.headers.get("content-type")).toBe("text/event-stream");
    const text = stream.text();
    await end(id);
    const states = (await text)
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => rolloutDetails.parse(JSON.parse(line.slice(6))).state);
    expect(states.at(-1)).toBe("rolled-back");
    expect(new Set(states).size).toBeGreaterThan(1);
  });

  test("asked for its head alone, a stream tells its type and does not go on", async () => {
    const { id } = await begin();
    for (let times = 0; times < 30; times++) {
      const head = await portal.send("HEAD", `/api/v1/rollouts/${id}/stream`, pat);
      expect([head.status, head.headers.get("content-type"), head.body]).toEqual([200, "text/event-stream", null]);
    }
    await end(id);
  });

  test("the stream of a release that is none is a problem", async () => {
    expect(await code(await portal.send("GET", "/api/v1/rollouts/none/stream", pat))).toEqual([404, "not-found"]);
  });

  test("a report comes as a file, for people or for programs", async () => {
    const { id, number } = await begin();
    const report = await portal.send("GET", `/api/v1/rollouts/${id}/report`, pat);
    expect(report.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    const name = `attachment; filename="release-${number}-purchase-history-v2`;
    expect(report.headers.get("content-disposition")).toBe(`${name}.md"`);
    expect(await report.text()).toContain(`# Release ${number}`);
    const json = await portal.send("GET", `/api/v1/rollouts/${id}/report?format=json`, pat);
    expect(json.headers.get("content-disposition")).toBe(`${name}.json"`);
    const whole = rolloutReport.parse(await json.json());
    expect([whole.id, whole.of]).toEqual([id, { verdicts: whole.verdicts.length, events: whole.events.length }]);
    expect((await portal.send("GET", `/api/v1/rollouts/${id}/report?format=pdf`, pat)).status).toBe(422);
    const series = await portal.send("GET", `/api/v1/rollouts/${id}/series?seconds=60`, pat);
    expect(rolloutSeries.parse(await series.json()).versions).toHaveLength(2);
    await end(id);
  });

  test("a token reads, steers or starts as far as its scopes go, and as far as its person may", async () => {
    const { id } = await begin();
    const by = async (person: string, scope: "rollouts:read" | "rollouts:control" | "rollouts:start") => ({
      authorization: `Bearer ${await portal.token(person, [scope])}`,
    });
    const [read, control, start] = [
      await by("pat", "rollouts:read"),
      await by("pat", "rollouts:control"),
      await by("pat", "rollouts:start"),
    ];
    expect((await portal.send("GET", `/api/v1/rollouts/${id}`, read)).status).toBe(200);
    expect(await code(await act(id, "abort", read))).toEqual([403, "token-scope"]);
    expect(await code(await portal.send("GET", `/api/v1/rollouts/${id}`, control))).toEqual([403, "token-scope"]);
    expect(await code(await portal.send("POST", "/api/v1/rollouts", control, {}))).toEqual([403, "token-scope"]);
    expect(await code(await portal.send("POST", "/api/v1/rollouts", start, {}))).toEqual([422, "invalid-input"]);
    // Dana may steer releases, but purchase-history is not hers.
    expect(await code(await act(id, "abort", await by("dana", "rollouts:control")))).toEqual([403, "forbidden"]);
    expect(await code(await act(id, "abort", await by("vic", "rollouts:control")))).toEqual([403, "forbidden"]);
    const refused = portal.world.company.audited.filter(({ outcome }) => outcome === "refused");
    expect(refused.map(({ actor, action }) => `${actor?.id} ${action}`)).toEqual([
      "pat rollout-abort",
      "pat rollout-start",
      "dana rollout-abort",
      "vic rollout-abort",
    ]);
    expect((await act(id, "abort", control)).status).toBe(202);
    await portal.world.ended(id);
  });

  test("a bundle is started, shown and taken back", async () => {
    const recommendation = { namespace: "recommendation", name: "recommendation" };
    await portal.world.versionsOf(recommendation);
    const specs = [testSpec(gated), testSpec({ ...gated, service: recommendation })];
    const body = { title: "Both", specs, openedUnixMs: Date.now() };
    const made = await portal.send("POST", "/api/v1/rollout-bundles", pat, body);
    expect(made.status).toBe(201);
    const { id } = bundleDetails.parse(await made.json());
    const listed = await portal.send("GET", "/api/v1/rollout-bundles", pat);
    expect(bundleList.parse(await listed.json()).bundles.map((one) => one.id)).toEqual([id]);
    expect((await portal.send("GET", `/api/v1/rollout-bundles/${id}`, pat)).status).toBe(200);
    expect((await portal.send("POST", `/api/v1/rollout-bundles/${id}/abort`, pat, { reason: "no" })).status).toBe(202);
  });
});
