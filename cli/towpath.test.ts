import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rolloutReport } from "@/server/contracts/rollout-report.ts";
import { type RolloutDetails, rolloutDetails, rolloutList } from "@/server/contracts/rollouts.ts";
import { gated, TestPortal } from "@/server/http/test-portal.suite.ts";
import { testSpec } from "@/server/rollouts/test-rollouts.suite.ts";
import { CommandLine, type Outcome } from "./command-line.suite.ts";
import { watch } from "./watch.mjs";

const everything = ["rollouts:read", "rollouts:control", "rollouts:start"] as const;
let portal: TestPortal;
let line: CommandLine;
let all: Record<string, string>;
const tokens: string[] = [];
const tokenOf = async (id: string, scopes: readonly (typeof everything)[number][]): Promise<string> => {
  const token = await portal.token(id, scopes);
  tokens.push(token);
  return token;
};
const by = (token: string): Record<string, string> => ({ TOWPATH_URL: portal.url, TOWPATH_TOKEN: token });

beforeAll(async () => {
  [portal, line] = await Promise.all([TestPortal.start(), CommandLine.open()]);
  all = by(await tokenOf("pat", everything));
}, 240_000);
afterAll(async () => {
  await line.close();
  await portal.close();
}, 240_000);

const towpath = (...args: string[]): Promise<Outcome> => line.run(["rollouts", ...args], all);
const service = "purchase-history/purchase-history";
const flags = ["--service", service, "--canary", "v2", "--stable", "v1", "--steps", "10,100"];
const waiting = [...flags, "--no-analysis", "--gates", "10"];
const begin = async (...more: string[]): Promise<RolloutDetails> => {
  const { code, stdout, stderr } = await towpath("start", ...waiting, "--json", ...more);
  expect([code, stderr]).toEqual([0, ""]);
  return rolloutDetails.parse(JSON.parse(stdout));
};
const end = async (id: string): Promise<void> => {
  await portal.world.act(id, "abort");
  await portal.world.ended(id);
};
const atGate = (id: string): Promise<RolloutDetails> => portal.world.until((_, { hold }) => hold === "gate", id);

describe("a release from the command line", { timeout: 300_000 }, () => {
  test("is started, seen, held, gone on with, promoted and undone", async () => {
    const { id, number } = await begin("--reason", "build 214");
    await atGate(id);
    const shown = await towpath("get", `${number}`);
    expect(shown.stdout).toContain(`Release ${number} of ${service}, v1 -> v2`);
    expect(shown.stdout).toMatch(/Reason +build 214/);
    expect((await towpath("pause", service)).code).toBe(0);
    expect((await portal.world.details(id)).hold).toBe("person");
    expect((await towpath("resume", id)).code).toBe(0);
    await atGate(id);
    expect((await towpath("promote", id)).code).toBe(0);
    expect((await portal.world.ended(id)).state).toBe("completed");
    expect((await towpath("get", id, "--exit-status")).code).toBe(0);
    expect((await towpath("undo", service)).code).toBe(0);
    expect((await portal.world.ended(id)).state).toBe("undone");
    expect((await towpath("get", id, "--exit-status")).code).toBe(1);
    expect((await towpath("get", id)).code).toBe(0);
  });

  test("is begun again with a step, aborted, tried again and promoted to the end", async () => {
    const { id, number } = await begin();
    await atGate(id);
    expect((await towpath("restart", id, "--step", "1", "--reason", "v2 was fixed")).code).toBe(0);
    const restarted = await atGate(id);
    expect(restarted.events.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^Restarts from step 1/));
    const aborted = await towpath("abort", service, "--reason", "errors");
    expect([aborted.code, aborted.stderr]).toEqual([0, ""]);
    expect(aborted.stdout).toContain(`Release ${number} of ${service}`);
    expect([await portal.world.canaryShare(), (await portal.world.ended(id)).state]).toEqual([0, "rolled-back"]);
    const retried = await towpath("retry", `${number}`, "--json");
    const again = rolloutDetails.parse(JSON.parse(retried.stdout));
    expect([retried.code, again.number, again.spec]).toEqual([0, number + 1, restarted.spec]);
    await atGate(again.id);
    expect((await towpath("promote", again.id, "--fully")).code).toBe(0);
    const done = await portal.world.ended(again.id);
    expect([done.state, await portal.world.canaryShare()]).toEqual(["completed", 100]);
    await portal.world.act(again.id, "undo");
    await portal.world.ended(again.id);
  });

  test("is started from YAML, JSON or stdin", async () => {
    const json = JSON.stringify(testSpec(gated));
    const yaml = `service: {namespace: purchase-history, name: purchase-history}
kind: weighted
stable: v1
canary: v2
steps:
  - {weight: 10, analysis: false, gate: true}
  - {weight: 100, analysis: false}
`;
    await writeFile(join(line.home, "spec.yaml"), yaml);
    await writeFile(join(line.home, "spec.json"), json);
    for (const [file, input] of [
      ["spec.yaml", ""],
      ["spec.json", ""],
      ["-", yaml],
    ] as const) {
      const { code, stdout } = await line.run(["rollouts", "start", "-f", file, "--json"], all, input);
      expect(code).toBe(0);
      const { id, spec } = rolloutDetails.parse(JSON.parse(stdout));
      expect(spec.steps.map(({ weight, gate }) => [weight, gate])).toEqual([
        [10, true],
        [100, false],
      ]);
      await end(id);
    }
  });

  test("takes the version that calls go to as the stable one, and asks where there is none", async () => {
    const first = await begin();
    await atGate(first.id);
    const second = await towpath("start", "--service", service, "--canary", "v2", "--steps", "100", "--json");
    const { id, spec } = rolloutDetails.parse(JSON.parse(second.stdout));
    expect(spec.stable).toBe("v1");
    await end(id);
    await end(first.id);
    const asked = await towpath("start", "--service", "web-api/web-api", "--canary", "v2", "--steps", "100");
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining("Say which one is the stable one")]);
  });

  test("answers with --json what the contracts say, and with nothing else", async () => {
    const { id, revision } = await begin();
    await atGate(id);
    expect(rolloutList.parse(JSON.parse((await towpath("list", "--json")).stdout)).rollouts[0]?.id).toBe(id);
    expect(rolloutDetails.parse(JSON.parse((await towpath("get", id, "--json")).stdout)).id).toBe(id);
    expect(rolloutReport.parse(JSON.parse((await towpath("report", id, "--json")).stdout)).id).toBe(id);
    expect((await towpath("report", id)).stdout).toContain("# Release");
    const stale = await towpath("pause", id, "--revision", `${revision - 1}`);
    expect([stale.code, stale.stderr]).toEqual([5, expect.stringContaining("moved on since you looked")]);
    expect((await portal.world.details(id)).hold).toBe("gate");
    const paused = await towpath("pause", id, "--json");
    expect(rolloutDetails.parse(JSON.parse(paused.stdout)).hold).toBe("person");
    await end(id);
  });

  test("shows what people wrote without what a terminal takes for a command", async () => {
    const { id } = await begin("--reason", "\u001b[31mred\u202e\u0007");
    for (const shown of [await towpath("get", id), await towpath("list")]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      expect(shown.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    expect((await towpath("get", id)).stdout).toMatch(/Reason +\[31mred/);
    await end(id);
  });

  test("writes its report to a file", async () => {
    const { id, number } = await begin();
    expect(await towpath("report", id, "-o", "report.md")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await readFile(join(line.home, "report.md"), "utf8")).toContain(`# Release ${number}`);
    await end(id);
  });
});

describe("watching", { timeout: 300_000 }, () => {
  test("tells each event once and ends well when the release completes", async () => {
    const { id } = await begin();
    await atGate(id);
    const watching = line.begin(["rollouts", "watch", id], all);
    await watching.said("\n");
    await portal.world.act(id, "promote");
    const done = await portal.world.ended(id);
    const { code, stdout, stderr } = await watching.ended;
    expect([code, stderr]).toEqual([0, ""]);
    for (const { text } of done.events) {
      const told = done.events.filter((event) => event.text === text).length;
      expect(stdout.split(text).length - 1, text).toBe(told);
    }
    expect(stdout.trimEnd().split("\n").at(-1)).toContain("Completed");
    await portal.world.act(id, "undo");
    await portal.world.ended(id);
  });

  test("ends with 1 when the release is taken back, each line a whole release under --json", async () => {
    const started = line.begin(["rollouts", "start", ...waiting, "--watch", "--json"], all);
    await started.said("\n");
    const { rollouts } = await portal.world.rollouts.list({ active: true, limit: 1 }, portal.world.asker().person);
    await end(rollouts[0]?.id ?? "");
    const { code, stdout } = await started.ended;
    expect(code).toBe(1);
    const states = stdout
      .trimEnd()
      .split("\n")
      .map((text) => rolloutDetails.parse(JSON.parse(text)).state);
    expect(states.at(-1)).toBe("rolled-back");
  });

  test("goes on when the connection breaks", async () => {
    const { id } = await begin();
    await atGate(id);
    const watching = line.begin(["rollouts", "watch", id], all);
    await watching.said("\n");
    await portal.streamOpened(id);
    portal.cutConnections();
    await portal.streamOpened(id);
    await end(id);
    expect((await watching.ended).code).toBe(1);
  });

  test("draws one table in the same place of a terminal, no larger than it", async () => {
    const { id } = await begin();
    await atGate(id);
    const frames: string[] = [];
    const size = { columns: 100, rows: 9 };
    const first = Promise.withResolvers<void>();
    const world = {
      ...{ env: {}, home: line.home, stdin: process.stdin, terminal: () => size, now: Date.now, say() {} },
      out(frame: string) {
        frames.push(frame);
        first.resolve();
      },
    };
    const access = { url: new URL(portal.url), token: tokens[0] ?? "" };
    const watching = watch(access, id, { json: false, live: true, patienceMs: 1_000 }, world);
    await first.promise;
    await end(id);
    expect(await watching).toBe(1);
    const up = `\u001b[${size.rows - 1}A`;
    expect(frames.map((frame) => frame.startsWith(up))).toEqual(frames.map((_, index) => index > 0));
    for (const frame of frames) {
      const lines = frame.replace(up, "").replace("\u001b[0J", "").trimEnd().split("\n");
      expect(lines.length).toBeLessThan(size.rows);
      expect(lines.filter((text) => text.length > size.columns)).toEqual([]);
    }
    expect(frames.at(-1)).toContain("Rolled back");
  });

  test("gives up on a portal that stays away, as soon as it was told to", async () => {
    const { id } = await begin();
    await atGate(id);
    // Ends each stream at once, and answers nothing from then on.
    let asked = 0;
    const details = await portal.world.details(id);
    const dying = createServer((request, response) => {
      asked++;
      if (asked > 1) {
        request.socket.destroy();
        return;
      }
      response.end(JSON.stringify(details));
    });
    await new Promise<void>((resolve) => dying.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(dying.address() as AddressInfo).port}`;
    const { code, stderr } = await line.run(["rollouts", "watch", id, "--patience", "0"], { ...all, TOWPATH_URL: url });
    dying.close();
    expect([code, stderr]).toEqual([3, expect.stringContaining("has been away for too long")]);
    await end(id);
  });
});

describe("exit codes", { timeout: 300_000 }, () => {
  let release: RolloutDetails;
  let reader: Record<string, string>;
  let dana: Record<string, string>;
  beforeAll(async () => {
    release = await begin();
    reader = by(await tokenOf("pat", ["rollouts:read"]));
    dana = by(await tokenOf("dana", everything));
  });
  afterAll(() => end(release.id));

  const unknown = `twp_${"a".repeat(43)}`;
  const cases: [name: string, code: number, args: string[], env: () => Record<string, string>, says: string][] = [
    ["no command", 2, [], () => all, "Say what to do"],
    ["an unknown command", 2, ["rollouts", "go"], () => all, "There is no command rollouts go"],
    ["an unknown flag", 2, ["rollouts", "list", "--tokens=x"], () => all, "There is no flag --tokens"],
    ["no release", 2, ["rollouts", "get"], () => all, "Say which one"],
    ["two releases", 2, ["rollouts", "get", "1", "2"], () => all, "Too much"],
    ["a release that is no name", 2, ["rollouts", "get", "cart"], () => all, "namespace/name"],
    ["a number that is none", 2, ["rollouts", "pause", "1", "--revision", "x"], () => all, "--revision wants numbers"],
    ["a file that is not there", 2, ["rollouts", "start", "-f", "none.yaml"], () => all, "none.yaml cannot be read"],
    ["a file beside flags", 2, ["rollouts", "start", "-f", "x", "--canary", "v2"], () => all, "leave --canary away"],
    ["a state that is none", 2, ["rollouts", "list", "--state", "x"], () => all, "state"],
    ["steps that shrink", 2, ["rollouts", "start", ...flags.slice(0, 6), "--steps", "50,10"], () => all, "only grow"],
    ["a URL that is none", 2, ["rollouts", "list", "--url", "portal"], () => all, "is not a URL"],
    ["an unencrypted way", 2, ["rollouts", "list", "--url", "http://10.0.0.1"], () => all, "not encrypted"],
    ["no portal", 3, ["rollouts", "list", "--url", "http://127.0.0.1:9"], () => all, "No portal answers"],
    ["no token", 4, ["rollouts", "list"], () => ({ TOWPATH_URL: portal.url }), "There is no token"],
    ["an unknown token", 4, ["rollouts", "list"], () => by(unknown), "This token is not known"],
    ["a token of another form", 2, ["rollouts", "list"], () => by("secret"), "holds no token"],
    ["a scope that lacks", 4, ["rollouts", "abort", service], () => reader, "lacks the scope rollouts:control"],
    ["another team's release", 4, ["rollouts", "abort", service], () => dana, "belongs to another team"],
    ["a state that does not allow it", 5, ["rollouts", "undo", service], () => all, "."],
    ["an unknown number", 6, ["rollouts", "get", "99999"], () => all, "There is no release 99999"],
    ["an unknown id", 6, ["rollouts", "watch", "00000000-0000-4000-8000-000000000000"], () => all, "no such release"],
    ["a service without releases", 6, ["rollouts", "abort", "shop/cart"], () => all, "no release of shop/cart"],
  ];
  test.each(cases)("%s ends with %i and says why on stderr alone", async (_, code, args, env, says) => {
    const outcome = await line.run(args, env());
    expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
    expect(outcome.stderr).toContain(says);
    expect(outcome.stderr).toMatch(/[.)\]?a-z]\n$/);
  });

  test("something else that answers there is no portal", async () => {
    const other = createServer((_, response) => response.end("<html>"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { code, stderr } = await line.run(["rollouts", "list", "--url", url], all);
    other.close();
    expect([code, stderr]).toEqual([3, `What answers at ${url} is no Towpath portal.\n`]);
  });
});

describe("tokens", { timeout: 300_000 }, () => {
  const kept = (): string => join(line.home, ".config", "towpath", "credentials");

  test("are kept by login for this person alone, and sent to their portal only", async () => {
    const token = await tokenOf("pat", ["rollouts:read"]);
    const args = ["login", "--url", portal.url, "--token-stdin"];
    const { code, stdout, stderr } = await line.run(args, {}, `${token}\n`);
    expect([code, stdout, stderr]).toEqual([0, "", `Kept for ${portal.url} in ${kept()}\n`]);
    expect((await stat(kept())).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(kept()))).mode & 0o777).toBe(0o700);
    expect((await line.run(["rollouts", "list"])).code).toBe(0);
    const elsewhere = await line.run(["rollouts", "list", "--url", "http://127.0.0.1:9"]);
    expect([elsewhere.code, elsewhere.stderr]).toEqual([
      4,
      expect.stringContaining("There is no token for http://127.0.0.1:9"),
    ]);
  });

  test("that others can read are refused", async () => {
    await chmod(kept(), 0o640);
    const { code, stderr } = await line.run(["rollouts", "list"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("can be read by others")]);
    await chmod(kept(), 0o600);
  });

  test("that nobody knows are not kept", async () => {
    const before = await readFile(kept(), "utf8");
    const args = ["login", "--url", portal.url, "--token-stdin"];
    expect((await line.run(args, {}, `twp_${"b".repeat(43)}`)).code).toBe(4);
    expect((await line.run(args, {}, "hunter2")).code).toBe(2);
    expect(await readFile(kept(), "utf8")).toBe(before);
    const control = await tokenOf("pat", ["rollouts:control"]);
    expect((await line.run(args, {}, control)).code).toBe(0);
  });

  test("come from a file before the environment", async () => {
    const file = join(line.home, "secrets", "token");
    await mkdir(dirname(file));
    await writeFile(file, `${await tokenOf("alex", ["rollouts:read"])}\n`);
    const { code } = await line.run(["rollouts", "list", "--token-file", file], by(`twp_${"c".repeat(43)}`));
    expect(code).toBe(0);
  });

  test("are not redirected to somebody else", async () => {
    let got = "";
    const thief = createServer((request, response) => {
      got = request.headers.authorization ?? "";
      response.end("{}");
    });
    await new Promise<void>((resolve) => thief.listen(0, "127.0.0.1", resolve));
    const to = `http://127.0.0.1:${(thief.address() as AddressInfo).port}`;
    const sly = createServer((_, response) => response.writeHead(307, { location: to }).end());
    await new Promise<void>((resolve) => sly.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(sly.address() as AddressInfo).port}`;
    expect((await line.run(["rollouts", "list", "--url", url], all)).code).toBe(3);
    sly.close();
    thief.close();
    expect(got).toBe("");
  });

  test("were never written to stdout or stderr, by any command", async () => {
    await line.run(["rollouts", "list", `--token=${tokens[0]}`], all);
    await line.run(["rollouts", "list", "--token", tokens[0] ?? ""], all);
    expect(portal.authorizations).toContain(`Bearer ${tokens[0]}`);
    const written = line.written.join("");
    expect(written.length).toBeGreaterThan(10_000);
    expect(tokens.filter((token) => written.includes(token))).toEqual([]);
  });
});
