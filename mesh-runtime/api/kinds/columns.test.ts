import { describe, expect, test } from "vitest";
import type { Pod } from "../pod.ts";
import { humanDuration } from "./columns.ts";
import { podReady, podRestarts, podState } from "./pod-summary.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
  [-5 * second, "<invalid>"],
  [0, "0s"],
  [119 * second, "119s"],
  [2 * minute, "2m"],
  [5 * minute + 30 * second, "5m30s"],
  [90 * minute, "90m"],
  [3 * hour + 10 * minute, "3h10m"],
  [20 * hour, "20h"],
  [2 * day + 4 * hour, "2d4h"],
  [40 * day, "40d"],
  [800 * day, "2y70d"],
  [4000 * day, "10y"],
])("%i ms is %s", (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

const now = new Date("2026-01-01T01:00:00Z");
const pod = (status: Pod["status"], spec: Pod["spec"] = { containers: [{ name: "a" }] }): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "x" },
  spec,
  status,
});
const container = (extra: object) => ({
  name: "a",
  ready: false,
  restartCount: 0,
  image: "",
  imageID: "",
  ...extra,
});

describe("a pod in a line", () => {
  test.each([
    [pod({ phase: "Pending" }), "0/1", "Pending", "0"],
    [
      pod({ phase: "Running", containerStatuses: [container({ ready: true, state: { running: {} } })] }),
      "1/1",
      "Running",
      "0",
    ],
    [
      pod({
        phase: "Running",
        containerStatuses: [
          container({
            restartCount: 3,
            state: { waiting: { reason: "CrashLoopBackOff" } },
            lastState: { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:58:00Z" } },
          }),
        ],
      }),
      "0/1",
      "CrashLoopBackOff",
      "3 (2m ago)",
    ],
    [
      pod({
        phase: "Succeeded",
        containerStatuses: [container({ state: { terminated: { exitCode: 0, reason: "Completed" } } })],
      }),
      "0/1",
      "Completed",
      "0",
    ],
    [
      pod({ phase: "Failed", containerStatuses: [container({ state: { terminated: { exitCode: 2 } } })] }),
      "0/1",
      "ExitCode:2",
      "0",
    ],
    [
      pod(
        { phase: "Pending", initContainerStatuses: [container({ name: "i", state: { running: {} } })] },
        { containers: [{ name: "a" }], initContainers: [{ name: "i" }, { name: "j" }] },
      ),
      "0/1",
      "Init:0/2",
      "0",
    ],
  ])("%#", (object, ready, state, restarts) => {
    expect([podReady(object), podState(object), podRestarts(object, now)]).toEqual([ready, state, restarts]);
  });

  test("is Terminating once deletion was asked for", () => {
    const ending = pod({ phase: "Running" });
    ending.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
    expect(podState(ending)).toBe("Terminating");
  });
});
