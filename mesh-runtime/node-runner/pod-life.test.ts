import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ZdsPod } from "../zds/protocol.ts";
import { aPod, type NodeBench, openNode, type StandInAgent, server, standInAgent } from "./node-bench.suite.ts";
import type { ContainerStatus, Pod } from "./pod-types.ts";
import { isAlive } from "./process-table.ts";
import { spawnSession } from "./session-process.ts";

vi.setConfig({ testTimeout: 20_000 });

const open: { close(): unknown }[] = [];
const node = async (data?: string): Promise<NodeBench> => {
  const bench = await openNode(data);
  open.push(bench);
  return bench;
};
const agentOf = async (bench: NodeBench, answer?: Parameters<typeof standInAgent>[2]): Promise<StandInAgent> => {
  const agent = await standInAgent(bench.agentPath, bench.journal, answer);
  open.unshift(agent);
  return agent;
};
afterEach(async () => {
  for (const one of open.splice(0)) {
    await one.close();
  }
});

const wait = { timeout: 8_000, interval: 20 };
const isReady = (bench: NodeBench, name: string): boolean =>
  bench.get(name)?.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
const container = (bench: NodeBench, name: string): ContainerStatus | undefined =>
  bench.get(name)?.status?.containerStatuses?.[0];
/** The pod's process, as soon as the agent knows it. */
const processOf = (agent: StandInAgent, name: string) =>
  vi.waitFor(() => agent.last(`uid-${name}`)!.sessions.at(0) ?? expect.fail("no session"), wait);
const ports = [{ containerPort: 8080, name: "http" }];

describe("start", () => {
  test("starts the process only after the agent acknowledged the pod", async () => {
    const bench = await node();
    bench.put(aPod("a", { command: server, ports }));
    await expect.poll(() => bench.get("a")?.status?.podIP, wait).toBe("127.241.7.10");
    expect(bench.get("a")?.status?.phase).toBe("Pending");
    expect(container(bench, "a")?.state).toEqual({ waiting: { reason: "ContainerCreating" } });

    const agent = await agentOf(bench);
    await expect.poll(() => isReady(bench, "a"), wait).toBe(true);
    expect(bench.journal.slice(0, 2)).toEqual(["pod captured=false", "snapshotSent"]);
    expect(agent.last("uid-a")).toMatchObject({
      namespace: "ns",
      serviceAccount: "sa",
      podIP: "127.241.7.10",
      ports: [{ name: "http", port: 8080 }],
    });
    expect(bench.get("a")?.status).toMatchObject({ phase: "Running", hostIP: "127.241.7.1" });
    expect(container(bench, "a")).toMatchObject({ ready: true, started: true, restartCount: 0 });
  });

  test("says what the agent could not do, and starts when it can", async () => {
    const bench = await node();
    let answer: "ack" | "error" = "error";
    await agentOf(bench, () => answer);
    bench.put(aPod("a", { command: ["sleep", "60"] }));
    await expect.poll(() => bench.events.map(({ reason }) => reason), wait).toContain("FailedCreatePodSandBox");
    answer = "ack";
    await expect.poll(() => isReady(bench, "a"), wait).toBe(true);
  });

  test.each([
    ["an unknown image without a command", { image: "nginx" }, "ErrImagePull"],
    ["a command that is not there", { command: ["no-such-program"] }, "CreateContainerError"],
    [
      "an environment that cannot be made",
      { command: ["sleep", "1"], env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] },
      "CreateContainerConfigError",
    ],
  ])("%s is waiting with its reason", async (_, spec, reason) => {
    const bench = await node();
    await agentOf(bench);
    bench.put(aPod("a", spec));
    await expect.poll(() => container(bench, "a")?.state?.waiting?.reason, wait).toBe(reason);
    expect(bench.get("a")?.status?.phase).toBe("Pending");
  });

  test("runs init containers one after the other before the rest", async () => {
    const bench = await node();
    await agentOf(bench);
    const init = (name: string, script: string) => ({ name, command: ["sh", "-c", script] });
    bench.put(
      aPod(
        "a",
        { command: ["sh", "-c", "test -f two && sleep 60"] },
        { initContainers: [init("one", "touch one"), init("two", "test -f one && touch two")] },
      ),
    );
    await expect.poll(() => isReady(bench, "a"), wait).toBe(true);
    expect(container(bench, "a")?.restartCount).toBe(0);
    expect(bench.get("a")?.status?.initContainerStatuses?.map(({ state }) => state?.terminated?.exitCode)).toEqual([
      0, 0,
    ]);
  });

  test("a proxy pod gets its tokens first and no agent stands before it", async () => {
    const bench = await node();
    const pod = aPod("a", { command: ["sh", "-c", 'test -s "$TOWPATH_TOKEN_FILE" && sleep 60'] });
    bench.put({ ...pod, metadata: { ...pod.metadata, annotations: { "towpath.dev/network": "direct" } } });
    await expect.poll(() => isReady(bench, "a"), wait).toBe(true);
    expect(container(bench, "a")?.restartCount).toBe(0);
  });
});

describe("restart", () => {
  test("a crashing container goes into back-off and keeps its last state", async () => {
    const bench = await node();
    await agentOf(bench);
    bench.put(aPod("a", { command: ["sh", "-c", "echo no; exit 3"] }));
    await expect.poll(() => container(bench, "a")?.state?.waiting?.reason, wait).toBe("CrashLoopBackOff");
    expect(container(bench, "a")?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: "Error" });
    await expect.poll(() => container(bench, "a")?.restartCount, wait).toBeGreaterThan(2);
    expect(bench.get("a")?.status?.phase).toBe("Running");
    expect(bench.events.map(({ reason }) => reason)).toContain("BackOff");
  });

  test.each<[string, string, string, string]>([
    ["Never", "exit 0", "Succeeded", "Completed"],
    ["Never", "exit 1", "Failed", "Error"],
    ["OnFailure", "exit 0", "Succeeded", "Completed"],
  ])("restartPolicy %s after %s: %s", async (restartPolicy, script, phase, reason) => {
    const bench = await node();
    await agentOf(bench);
    bench.put(aPod("a", { command: ["sh", "-c", script] }, { restartPolicy: restartPolicy as "Never" }));
    await expect.poll(() => bench.get("a")?.status?.phase, wait).toBe(phase);
    expect(container(bench, "a")?.state?.terminated?.reason).toBe(reason);
    expect(container(bench, "a")?.restartCount).toBe(0);
  });

  test("liveness failures restart the container, readiness failures only take it out", async () => {
    const bench = await node();
    await agentOf(bench);
    const probe = { httpGet: { port: "http", path: "/" }, periodSeconds: 1, failureThreshold: 1 };
    bench.put(aPod("a", { command: server, ports, readinessProbe: probe }));
    bench.put(aPod("b", { command: server, ports, livenessProbe: { ...probe, initialDelaySeconds: 1 } }));
    await expect.poll(() => isReady(bench, "a") && isReady(bench, "b"), wait).toBe(true);
    for (const name of ["a", "b"]) {
      writeFileSync(join(bench.data, "pods", `uid-${name}`, "work", "ill"), "");
    }
    await expect.poll(() => isReady(bench, "a"), wait).toBe(false);
    await expect.poll(() => container(bench, "b")?.restartCount, wait).toBeGreaterThan(0);
    expect(container(bench, "a")?.restartCount).toBe(0);
    rmSync(join(bench.data, "pods", "uid-a", "work", "ill"));
    await expect.poll(() => isReady(bench, "a"), wait).toBe(true);
    expect(bench.events).toContainEqual(
      expect.objectContaining({
        reason: "Unhealthy",
        message: "Readiness probe failed: HTTP probe failed with statuscode: 500",
      }),
    );
  });
});

test("says again that a pod is ready when the node controller took it away", async () => {
  const bench = await node();
  await agentOf(bench);
  bench.put(aPod("a", { command: ["sleep", "60"] }));
  await expect.poll(() => isReady(bench, "a"), wait).toBe(true);
  const pod = bench.get("a")!;
  const conditions = pod.status!.conditions!.map((one) =>
    one.type === "Ready" ? { ...one, status: "False" as const, reason: "NodeNotReady" } : one,
  );
  bench.put({ ...pod, status: { ...pod.status, conditions } });
  expect(isReady(bench, "a")).toBe(false);
  await expect.poll(() => isReady(bench, "a"), wait).toBe(true);
});

describe("capture", () => {
  test("joins by label without a restart, and leaves in the order that cuts nobody off", async () => {
    const bench = await node();
    const agent = await agentOf(bench);
    bench.put(aPod("a", { command: ["sleep", "60"] }));
    await expect.poll(() => isReady(bench, "a"), wait).toBe(true);
    const before = await processOf(agent, "a");
    bench.journal.length = 0;

    bench.namespaceLabels["ns"] = { "istio.io/dataplane-mode": "ambient" };
    bench.pods.namespaceChanged("ns");
    await expect.poll(() => bench.journal, wait).toEqual(["pod captured=true", "annotate true"]);

    bench.namespaceLabels["ns"] = {};
    bench.pods.namespaceChanged("ns");
    await expect.poll(() => bench.journal.at(-1), wait).toBe("annotate false");
    const left = performance.now();
    await expect.poll(() => bench.journal.at(-1), wait).toBe("pod captured=false");
    expect(performance.now() - left).toBeGreaterThan(800);
    expect(bench.journal.slice(2)).toEqual(["annotate false", "pod captured=false"]);
    expect(await processOf(agent, "a")).toEqual(before);
    expect(container(bench, "a")?.restartCount).toBe(0);
  });

  test("a pod of an enrolled namespace starts captured", async () => {
    const bench = await node();
    bench.namespaceLabels["ns"] = { "istio.io/dataplane-mode": "ambient" };
    await agentOf(bench);
    bench.put(aPod("a", { command: ["sleep", "60"] }));
    await expect.poll(() => bench.journal, wait).toContain("annotate true");
    expect(bench.journal).not.toContain("pod captured=false");
  });
});

describe("end", () => {
  test("a deleted pod is stopped, then leaves the agent, then the API", async () => {
    const bench = await node();
    const agent = await agentOf(bench);
    bench.put(aPod("a", { command: server, ports }));
    await expect.poll(() => isReady(bench, "a"), wait).toBe(true);
    const leader = await processOf(agent, "a");
    bench.journal.length = 0;
    const pod = bench.get("a");
    bench.put({ ...aPod("a", {}), ...pod, metadata: { ...pod?.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
    await expect.poll(() => bench.get("a"), wait).toBeUndefined();
    expect(bench.journal.slice(-2)).toEqual(["remove", "deleted"]);
    expect(isAlive(leader.pid, leader.startTime)).toBe(false);
    await expect.poll(() => existsSync(join(bench.data, "pods", "uid-a")), wait).toBe(false);
  });

  test("addresses of live pods differ", async () => {
    const bench = await node();
    await agentOf(bench);
    for (const name of ["a", "b", "c"]) {
      bench.put(aPod(name, { command: ["sleep", "60"] }));
    }
    await expect.poll(() => ["a", "b", "c"].every((name) => isReady(bench, name)), wait).toBe(true);
    expect(new Set(["a", "b", "c"].map((name) => bench.get(name)?.status?.podIP)).size).toBe(3);
  });
});

describe("the runner's next life", () => {
  /** Runs pods in a node runner of its own process until they are ready, then ends it with kill -9. */
  const killedLife = async (...pods: Pod[]): Promise<{ data: string; pods: Pod[]; sent: ZdsPod[] }> => {
    const data = mkdtempSync(join(tmpdir(), "towpath-node-"));
    const program = fileURLToPath(new URL("first-life.suite.ts", import.meta.url));
    const child = spawn(process.execPath, [program, data, JSON.stringify(pods)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
    return { data, ...JSON.parse(line) };
  };

  test("adopts the same process after kill -9, on the same address, without a restart", async () => {
    const first = await killedLife(aPod("a", { command: server, ports }));
    expect(isAlive(first.sent[0]!.sessions[0]!.pid, first.sent[0]!.sessions[0]!.startTime)).toBe(true);

    const second = await node(first.data);
    second.put(first.pods[0]!);
    second.pods.forgetOthers();
    const agent = await agentOf(second);
    await expect.poll(() => agent.last("uid-a")?.sessions, wait).toEqual(first.sent[0]!.sessions);
    expect(agent.last("uid-a")).toEqual(first.sent[0]);
    await expect.poll(() => isReady(second, "a"), wait).toBe(true);
    expect(container(second, "a")?.restartCount).toBe(0);
    expect(second.events.map(({ reason }) => reason)).not.toContain("Started");
  });

  test("notices when an adopted process ends, and starts it again", async () => {
    const first = await killedLife(aPod("a", { command: server, ports }));
    const second = await node(first.data);
    const agent = await agentOf(second);
    second.put(first.pods[0]!);
    await expect.poll(() => agent.last("uid-a")?.sessions.length, wait).toBe(1);
    process.kill(first.sent[0]!.sessions[0]!.pid, "SIGKILL");
    await expect.poll(() => isReady(second, "a") && container(second, "a")?.restartCount, wait).toBe(1);
    expect(container(second, "a")?.lastState?.terminated?.reason).toBe("ContainerStatusUnknown");
  });

  test("starts again what died while nobody looked, and ends what nobody wishes any more", async () => {
    const first = await killedLife(aPod("a", { command: server, ports }), aPod("b", { command: ["sleep", "60"] }));
    const [a, b] = first.sent.map(({ sessions }) => sessions[0]!);
    process.kill(a!.pid, "SIGKILL");
    await expect.poll(() => isAlive(a!.pid, a!.startTime), wait).toBe(false);

    const second = await node(first.data);
    second.put(first.pods[0]!);
    second.pods.forgetOthers();
    await agentOf(second);
    await expect.poll(() => isReady(second, "a") && container(second, "a")?.restartCount, wait).toBe(1);
    expect(isAlive(b!.pid, b!.startTime)).toBe(false);
  });

  test("ends processes that no record names: commands of an earlier life, pods whose record is broken", async () => {
    const data = mkdtempSync(join(tmpdir(), "towpath-node-"));
    const home = join(data, "pods", "uid-lost", "work");
    mkdirSync(home, { recursive: true });
    writeFileSync(join(data, "pods", "uid-lost", "state.json"), "not json");
    const env = { HOME: home, PATH: "/usr/bin:/bin" };
    const { session } = await spawnSession({ argv: ["sleep", "60"], env, cwd: home, stdio: "ignore" });
    const bench = await node(data);
    bench.pods.forgetOthers();
    expect((await session.exited).signal).toBe(9);
    expect(existsSync(join(data, "pods", "uid-lost"))).toBe(false);
  });

  test("ends what earlier lives left even when it is stopped before the API said which pods there are", async () => {
    const first = await killedLife(aPod("a", { command: server, ports }));
    const [process] = first.sent[0]!.sessions;
    const second = await openNode(first.data);
    await second.close();
    expect(isAlive(process!.pid, process!.startTime)).toBe(false);
  });

  test("a stop in good order ends every process and keeps the pod for the next life", async () => {
    const first = await openNode();
    const agent = await standInAgent(first.agentPath);
    first.put(aPod("a", { command: ["sleep", "60"] }));
    await expect.poll(() => isReady(first, "a"), wait).toBe(true);
    const before = await processOf(agent, "a");
    await first.close();
    agent.close();
    expect(isAlive(before.pid, before.startTime)).toBe(false);

    const second = await node(first.data);
    await agentOf(second);
    second.put(first.get("a")!);
    await expect.poll(() => isReady(second, "a") && container(second, "a")?.restartCount, wait).toBe(1);
  });
});
