import { describe, expect, test } from "vitest";
import { type PodFacts, podPhase, podStatus } from "./pod-status.ts";
import type { ContainerState, ContainerStatus } from "./pod-types.ts";

const terminated = (exitCode: number): ContainerState => ({ terminated: { exitCode } });
const running: ContainerState = { running: { startedAt: "2026-01-01T00:00:00Z" } };
const waiting = (reason: string): ContainerState => ({ waiting: { reason } });
const status = (state: ContainerState, over: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: "app",
  image: "",
  imageID: "",
  ready: false,
  restartCount: 0,
  state,
  lastState: {},
  ...over,
});
const facts = (over: Partial<PodFacts>): PodFacts => ({
  hostIP: "127.9.1.1",
  podIP: "127.9.1.10",
  networkReady: true,
  startTime: "2026-01-01T00:00:00Z",
  restartPolicy: undefined,
  initContainers: [],
  containers: [status(running, { ready: true })],
  networkProblem: undefined,
  now: "2026-01-01T00:00:10Z",
  ...over,
});

test.each<[string, Partial<PodFacts>, string]>([
  ["nothing started", { containers: [status(waiting("ContainerCreating"))] }, "Pending"],
  ["image unknown", { containers: [status(waiting("ErrImagePull"))] }, "Pending"],
  ["running", {}, "Running"],
  ["crash loop", { containers: [status(waiting("CrashLoopBackOff"), { lastState: terminated(1) })] }, "Running"],
  ["one of two ended", { containers: [status(running), status(terminated(0))] }, "Running"],
  ["all ended well", { containers: [status(terminated(0)), status(terminated(0))] }, "Succeeded"],
  ["one ended badly", { containers: [status(terminated(0)), status(terminated(2))] }, "Failed"],
  [
    "init container running",
    { initContainers: [status(running)], containers: [status(waiting("PodInitializing"))] },
    "Pending",
  ],
  [
    "init container failed for good",
    {
      restartPolicy: "Never",
      initContainers: [status(terminated(1))],
      containers: [status(waiting("PodInitializing"))],
    },
    "Failed",
  ],
])("phase: %s", (_, over, expected) => {
  expect(podPhase(facts(over))).toBe(expected);
});

describe("podStatus", () => {
  const condition = (type: string, over: Partial<PodFacts>) =>
    podStatus(facts(over), undefined).conditions?.find((one) => one.type === type);

  test("is ready when all containers are", () => {
    expect(condition("Ready", {})).toMatchObject({ status: "True" });
    const mixed = { containers: [status(running, { ready: true }), status(running, { name: "side" })] };
    expect(condition("Ready", mixed)).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [side]",
    });
  });

  test("a finished pod is not ready, and says that it is done", () => {
    expect(condition("Ready", { containers: [status(terminated(0))] })).toMatchObject({
      status: "False",
      reason: "PodCompleted",
    });
  });

  test("says why there is no network", () => {
    const over = { networkReady: false, networkProblem: "addressInUse: 127.9.1.10:8080" };
    expect(condition("PodReadyToStartContainers", over)).toMatchObject({
      status: "False",
      message: "addressInUse: 127.9.1.10:8080",
    });
  });

  test("keeps transition times, and conditions of others", () => {
    const first = podStatus(facts({}), {
      conditions: [{ type: "example.com/Gate", status: "True" }],
    });
    const second = podStatus(facts({ now: "2026-01-01T09:00:00Z" }), first);
    expect(second).toEqual(first);
    expect(second.conditions?.map(({ type }) => type)).toContain("example.com/Gate");
  });
});
