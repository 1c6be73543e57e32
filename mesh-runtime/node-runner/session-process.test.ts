import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { isAlive, readProcess, sessionMembers } from "./process-table.ts";
import { adoptSession, type SessionProcess, spawnSession } from "./session-process.ts";

const cwd = mkdtempSync(join(tmpdir(), "towpath-session-"));
const started: SessionProcess[] = [];
const run = async (...argv: string[]): Promise<SessionProcess> => {
  const { session } = await spawnSession({
    argv,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    cwd,
    stdio: ["ignore", "ignore", "ignore"],
  });
  started.push(session);
  return session;
};

afterEach(async () => {
  await Promise.all(started.splice(0).map((session) => session.stop(0)));
});

test("leads a session and a process group of its own", async () => {
  const session = await run("sleep", "60");
  expect(readProcess(session.pid)).toMatchObject({ session: session.pid, processGroup: session.pid });
  expect(isAlive(session.pid, session.startTime)).toBe(true);
  expect(isAlive(session.pid, "1")).toBe(false);
});

test.each([
  ["an exit code", ["sh", "-c", "exit 7"], 7, undefined],
  ["a signal", ["sh", "-c", "kill -9 $$"], 137, 9],
])("reports %s", async (_, argv, code, signal) => {
  const session = await run(...argv);
  expect(await session.exited).toMatchObject({ code, signal, known: true });
});

test("a program that is not there is an error with its code, not a crash", async () => {
  await expect(run("no-such-program-here")).rejects.toMatchObject({ code: "ENOENT" });
});

test("stops in good order when the process obeys SIGTERM", async () => {
  const session = await run("sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.02; done");
  await expect.poll(() => sessionMembers(session.pid).length).toBe(2);
  expect(await session.stop(5_000)).toMatchObject({ code: 3 });
});

test("kills the whole session when the process does not obey", async () => {
  const session = await run("sh", "-c", "trap '' TERM; sleep 60 & sleep 60 & wait; wait; sleep 60");
  await expect.poll(() => sessionMembers(session.pid).length).toBe(3);
  expect(await session.stop(50)).toMatchObject({ code: 137, signal: 9 });
  await expect.poll(() => sessionMembers(session.pid)).toEqual([]);
});

test("adopts a living process and notices its end", async () => {
  const session = await run("sleep", "60");
  const adopted = adoptSession(session.pid, session.startTime);
  expect(adopted?.isAlive()).toBe(true);
  session.signal("SIGKILL");
  expect(await adopted?.exited).toMatchObject({ code: 137, known: false });
  expect(adoptSession(session.pid, session.startTime)).toBeUndefined();
});
