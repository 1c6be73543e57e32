import { expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import { createWorkQueue } from "./work-queue.ts";

const log = createLog("test");

test("never runs one key twice at once, and runs it again when it was added meanwhile", async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const gates: (() => void)[] = [];
  const queue = createWorkQueue({
    name: "test",
    log,
    reconcile: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => gates.push(resolve));
      running -= 1;
      runs += 1;
    },
  });
  queue.add("a");
  queue.add("a");
  queue.add("a");
  await expect.poll(() => gates.length).toBe(1);
  gates[0]?.();
  await expect.poll(() => gates.length).toBe(2);
  gates[1]?.();
  await expect.poll(() => runs).toBe(2);
  expect(most).toBe(1);
  await queue.close();
});

test("tries again after a failure and forgets it after success", async () => {
  let calls = 0;
  const queue = createWorkQueue({
    name: "test",
    log,
    reconcile: async () => {
      calls += 1;
      if (calls < 3) {
        throw new Error("not yet");
      }
    },
  });
  queue.add("a");
  await expect.poll(() => calls, { timeout: 3_000 }).toBe(3);
  await queue.close();
  expect(calls).toBe(3);
});

test("close waits for what runs and takes nothing new", async () => {
  let release: () => void = () => undefined;
  const seen: string[] = [];
  const queue = createWorkQueue({
    name: "test",
    log,
    concurrency: 1,
    reconcile: async (key) => {
      seen.push(key);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    },
  });
  queue.add("a");
  queue.add("b");
  const closed = queue.close();
  release();
  await closed;
  queue.add("c");
  expect(seen).toEqual(["a"]);
});
