import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../common/log.ts";
import { TestAuthority } from "../hbone/test-authority.suite.ts";
import { zdsAnswer } from "../zds/protocol.ts";
import { pod, TestMesh, type TestNode, testAddresses } from "./test-node.suite.ts";
import { startZdsClient, type ZdsClient } from "./zds-client.ts";

const at = testAddresses();
let folder: string;
let runner: Server;
let mesh: TestMesh;
let node: TestNode;
let client: ZdsClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zds-"));
  runner = createServer().listen(join(folder, "zds.sock"));
  await once(runner, "listening");
  mesh = new TestMesh(await TestAuthority.create());
  await mesh.identity("a", "a");
  node = mesh.node("node-a");
  client = startZdsClient({
    path: join(folder, "zds.sock"),
    node: "node-a",
    log: createLog("test"),
    onConnected: () => node.registry.snapshotBegins(),
    handle: (request) => node.registry.handle(request),
  });
});
afterEach(async () => {
  await client.close();
  await mesh.close();
  runner.close();
  await rm(folder, { recursive: true });
});

/** The node runner's end. */
class Link {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  static async accept(): Promise<Link> {
    const [socket] = (await once(runner, "connection")) as [Socket];
    socket.on("error", () => undefined);
    const link = new Link(socket);
    expect(await link.read()).toEqual({ type: "hello", version: 1, node: "node-a" });
    return link;
  }

  async read(): Promise<unknown> {
    const { value } = (await this.#lines.next()) as { value: string };
    return zdsAnswer.parse(JSON.parse(value));
  }

  async ask(request: object): Promise<unknown> {
    this.write(`${JSON.stringify(request)}\n`);
    return await this.read();
  }

  write(line: string): void {
    this.#socket.write(line);
  }

  async lost(): Promise<void> {
    await once(this.#socket, "close");
  }

  drop(): void {
    this.#socket.destroy();
  }
}

const names = (): string[] => node.registry.pods.map(({ pod: { spec } }) => spec.name).sort();

test("acknowledges a pod when its listeners stand, and a captured one when certificate and HBONE listener stand", async () => {
  const link = await Link.accept();
  const plain = pod("a", at(10), 1);
  expect(await link.ask({ type: "pod", id: 1, pod: plain })).toEqual({ type: "ack", id: 1, captured: false });
  expect(node.registry.pods[0]?.hbone).toBeUndefined();
  expect(await link.ask({ type: "pod", id: 2, pod: { ...plain, captured: true } })).toEqual({
    type: "ack",
    id: 2,
    captured: true,
  });
  expect(node.registry.pods[0]?.hbone?.port).toBe(15008);
  expect(await link.ask({ type: "remove", id: 3, uid: plain.uid })).toEqual({ type: "ack", id: 3, captured: false });
  expect(names()).toEqual([]);
});

test("pods stay when the node runner goes, and those it does not name on its return are dropped", async () => {
  const first = await Link.accept();
  await first.ask({ type: "pod", id: 1, pod: pod("a", at(10), 1) });
  await first.ask({ type: "pod", id: 2, pod: pod("b", at(11), 1) });
  await first.ask({ type: "snapshotSent", id: 3 });
  const accepted = Link.accept();
  first.drop();
  expect(names()).toEqual(["a", "b"]);
  const second = await accepted;
  await second.ask({ type: "pod", id: 1, pod: pod("b", at(11), 1) });
  expect(names()).toEqual(["a", "b"]);
  await second.ask({ type: "snapshotSent", id: 2 });
  expect(names()).toEqual(["b"]);
});

test("an address that is taken is an error that names the remedy, and works once it is free", async () => {
  const blocker = createServer().listen(8080, at(12));
  await once(blocker, "listening");
  const link = await Link.accept();
  const spec = pod("a", at(12), 1);
  expect(await link.ask({ type: "pod", id: 1, pod: spec })).toMatchObject({
    type: "error",
    code: "address-in-use",
    message: expect.stringMatching(/^Another process uses the pod's address/),
  });
  blocker.close();
  expect(await link.ask({ type: "pod", id: 2, pod: spec })).toMatchObject({ type: "ack" });
});

test("a pod that takes another's address replaces it", async () => {
  const link = await Link.accept();
  await link.ask({ type: "pod", id: 1, pod: pod("a", at(10), 1) });
  const answer = await link.ask({ type: "pod", id: 2, pod: pod("b", at(10), 1) });
  expect(answer).toMatchObject({ type: "ack", id: 2 });
  expect(names()).toEqual(["b"]);
});

test.each([
  ["no JSON", "hello\n"],
  ["an unknown request", '{"type":"shutdown","id":1}\n'],
  ["a pod without an address", '{"type":"pod","id":1,"pod":{"uid":"x"}}\n'],
  ["a line without end", "x".repeat((1 << 20) + 1)],
])("hangs up on %s and comes back", async (_name, line) => {
  const link = await Link.accept();
  const accepted = Link.accept();
  link.write(line);
  await link.lost();
  await accepted;
});
