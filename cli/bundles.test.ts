import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BundleDetails, bundleDetails, bundleList } from "@/server/contracts/rollout-bundles.ts";
import { gated, TestPortal } from "@/server/http/test-portal.suite.ts";
import { testSpec } from "@/server/rollouts/test-rollouts.suite.ts";
import { CommandLine, type Outcome } from "./command-line.suite.ts";

const recommendation = { namespace: "recommendation", name: "recommendation" };
let portal: TestPortal;
let line: CommandLine;
let all: Record<string, string>;
let reader: Record<string, string>;
beforeAll(async () => {
  [portal, line] = await Promise.all([TestPortal.start(), CommandLine.open()]);
  await portal.world.versionsOf(recommendation);
  const by = (token: string) => ({ TOWPATH_URL: portal.url, TOWPATH_TOKEN: token });
  all = by(await portal.token("pat", ["rollouts:read", "rollouts:control", "rollouts:start"]));
  reader = by(await portal.token("pat", ["rollouts:read"]));
}, 240_000);
afterAll(async () => {
  await line.close();
  await portal.close();
}, 240_000);

const towpath = (...args: string[]): Promise<Outcome> => line.run(["bundles", ...args], all);
const asked = (more: object = {}): string =>
  JSON.stringify({
    title: "Spring sale",
    order: "together",
    specs: [testSpec(gated), testSpec({ ...gated, service: recommendation })],
    ...more,
  });
const begin = async (...more: string[]): Promise<BundleDetails> => {
  const { code, stdout, stderr } = await line.run(["bundles", "start", "-f", "-", "--json", ...more], all, asked());
  expect([code, stderr]).toEqual([0, ""]);
  return bundleDetails.parse(JSON.parse(stdout));
};
const atGates = async ({ rollouts }: BundleDetails): Promise<void> => {
  for (const { id } of rollouts) {
    await portal.world.until((_, { hold }) => hold === "gate", id);
  }
};
const ended = async ({ rollouts }: BundleDetails): Promise<void> => {
  for (const { id } of rollouts) {
    await portal.world.ended(id);
  }
  await portal.world.tick();
};

describe("a bundle from the command line", { timeout: 300_000 }, () => {
  test("is started from a file, listed, shown by any of its releases, and aborted", async () => {
    await writeFile(join(line.home, "bundle.json"), asked());
    const started = await towpath("start", "-f", "bundle.json", "--reason", "build 214");
    expect([started.code, started.stderr]).toEqual([0, ""]);
    expect(started.stdout).toMatch(/^Bundle "Spring sale": running\nId [0-9a-f-]{36}\n$/);
    const [bundle] = bundleList.parse(JSON.parse((await towpath("list", "--json")).stdout)).bundles;
    const [first] = bundle?.rollouts ?? [];
    expect([bundle?.rollouts.length, first?.reason]).toEqual([2, "build 214"]);
    const id = bundle?.id ?? "";
    expect((await towpath("list")).stdout).toMatch(
      new RegExp(`^ID .*\\n${id}  Spring sale  running  0/2   purchase-history, recommendation\\n`),
    );
    for (const name of [id, String(first?.number), "recommendation/recommendation"]) {
      const shown = await towpath("get", name);
      expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining(`Id          ${id}`)]);
    }
    const aborted = await towpath("abort", id, "--reason", "sale is off", "--json");
    expect(bundleDetails.parse(JSON.parse(aborted.stdout)).state).toBe("rolling-back");
    if (bundle !== undefined) {
      await ended(bundle);
    }
    expect((await towpath("get", id, "--exit-status")).code).toBe(1);
    expect((await towpath("get", id)).stdout).toContain('Bundle "Spring sale": rolled-back');
    const again = await towpath("abort", id);
    expect([again.code, again.stderr]).toEqual([5, expect.stringContaining("has ended")]);
  });

  test("is watched to its end, a line for each release that moves, and ends well when all complete", async () => {
    const bundle = await begin();
    await atGates(bundle);
    const watching = line.begin(["bundles", "watch", bundle.id], all);
    await watching.said('Bundle "Spring sale": running');
    for (const { id } of bundle.rollouts) {
      await portal.world.act(id, "promote");
    }
    await ended(bundle);
    const { code, stdout, stderr } = await watching.ended;
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n");
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.at(-1)).toBe('Bundle "Spring sale": completed');
    for (const { number } of bundle.rollouts) {
      expect(stdout).toMatch(new RegExp(`Release ${number} of .*: Completed`));
    }
    for (const { id } of bundle.rollouts) {
      await portal.world.act(id, "undo");
      await portal.world.ended(id);
    }
  });

  test("is started and watched under --json, a whole bundle a line, and ends with 1 when it goes back", async () => {
    const started = line.begin(["bundles", "start", "-f", "-", "--watch", "--json"], all, asked());
    await started.said("\n");
    const [bundle] = await portal.world.rollouts.bundles(portal.world.asker().person);
    await portal.world.rollouts.abortBundle(bundle?.id ?? "", "", portal.world.asker());
    if (bundle !== undefined) {
      await ended(bundle);
    }
    const { code, stdout } = await started.ended;
    const states = stdout
      .trimEnd()
      .split("\n")
      .map((text) => bundleDetails.parse(JSON.parse(text)).state);
    expect([code, states.at(-1)]).toEqual([1, "rolled-back"]);
  });

  test("of one release alone is refused as the portal says", async () => {
    const input = asked({ specs: [testSpec(gated)] });
    const { code, stdout, stderr } = await line.run(["bundles", "start", "-f", "-"], all, input);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining("Add a second release")]);
  });

  const none = "00000000-0000-4000-8000-000000000000";
  test.each([
    ["no file", 2, ["start"], () => all, "Say what to release"],
    ["a file that holds no bundle", 2, ["start", "-f", "-"], () => all, "- holds no bundle"],
    ["no bundle", 2, ["get"], () => all, "Say which one: npx towpath bundles get <bundle>"],
    ["an unknown bundle", 6, ["watch", none], () => all, "There is no such bundle"],
    ["a release of no bundle", 6, ["get", "99999"], () => all, "There is no release 99999"],
    ["a scope that lacks", 4, ["abort", none], () => reader, "lacks the scope rollouts:control"],
    ["no portal", 3, ["list", "--url", "http://127.0.0.1:9"], () => all, "No portal answers"],
  ] as const)("with %s ends with %i and says why on stderr alone", async (_, code, args, env, says) => {
    const outcome = await line.run(["bundles", ...args], env(), "[1]");
    expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
    expect(outcome.stderr).toContain(says);
  });
});
