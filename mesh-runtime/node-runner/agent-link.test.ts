import { mkdtempSync, statSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import type { ZdsPod } from "../zds/protocol.ts";
import { type AgentLink, listenForAgent } from "./agent-link.ts";
import { standInAgent } from "./node-bench.suite.ts";

const wait = { timeout: 5_000, interval: 10 };
const path = join(mkdtempSync(join(tmpdir(), "towpath-link-")), "zds.sock");
const acks: string[] = [];
let link: AgentLink;
const listen = async (): Promise<void> => {
  link = await listenForAgent({
    restored: Promise.resolve(),
    path,
    node: "node-t",
    log: createLog("test"),
    onAck: (uid, _, captured) => acks.push(`${uid} ${captured}`),
    onProblem: (uid, code) => acks.push(`${uid} ${code}`),
  });
};
afterEach(async () => {
  await link.close();
  acks.length = 0;
});

const pod = (uid: string, captured = false): ZdsPod => ({
  uid,
  name: uid,
  namespace: "ns",
  serviceAccount: "sa",
  podIP: "127.241.7.10",
  ports: [],
  captured,
  sessions: [],
});

test("only this user may connect", async () => {
  await listen();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("each connection gets every pod as it is now, then snapshotSent", async () => {
  await listen();
  link.put(pod("a"));
  link.put(pod("b"));
  link.put(pod("a", true));
  for (let connection = 0; connection < 2; connection += 1) {
    const agent = await standInAgent(path);
    await expect.poll(() => agent.requests.map(({ type }) => type), wait).toEqual(["pod", "pod", "snapshotSent"]);
    expect(agent.last("a")?.captured).toBe(true);
    agent.close();
  }
});

test("a new agent takes the place of the old one, which hears nothing more", async () => {
  await listen();
  const first = await standInAgent(path);
  await expect.poll(() => first.requests.length, wait).toBe(1);
  const second = await standInAgent(path);
  await expect.poll(() => second.requests.length, wait).toBe(1);
  link.put(pod("a"));
  await expect.poll(() => second.last("a")?.uid, wait).toBe("a");
  expect(first.last("a")).toBeUndefined();
});

test("only the answer to the latest word counts", async () => {
  await listen();
  const agent = await standInAgent(path);
  await expect.poll(() => agent.requests.length, wait).toBe(1);
  link.put(pod("a"));
  link.put(pod("a", true));
  await expect.poll(() => acks, wait).toEqual(["a true"]);
  agent.close();
});

test("asks again after an error", async () => {
  await listen();
  let good = false;
  const agent = await standInAgent(path, [], () => (good ? "ack" : "error"));
  link.put(pod("a"));
  await expect.poll(() => acks, wait).toEqual(["a addressInUse"]);
  good = true;
  await expect.poll(() => acks, wait).toEqual(["a addressInUse", "a false"]);
  agent.close();
});

test("remove resolves with the answer, or at once when there is nobody", async () => {
  await listen();
  link.put(pod("a"));
  await link.remove("a");
  link.put(pod("b"));
  const agent = await standInAgent(path);
  await expect.poll(() => agent.last("b"), wait).toBeDefined();
  await link.remove("b");
  expect(agent.requests.at(-1)).toMatchObject({ type: "remove", uid: "b" });
  agent.close();
});

test.each(["not json\n", '{"type":"hello","version":1,"node":"node-x"}\n', '{"type":"ack","id":1,"captured":true}\n'])(
  "hangs up on %j",
  async (text) => {
    await listen();
    const socket = createConnection(path);
    socket.write(text);
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  },
);
