import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAttestor, processOf } from "./attestation.ts";
import { testAddresses } from "./test-node.suite.ts";

const address = testAddresses()(20);
const children: ChildProcess[] = [];
let server: Server;
let port: number;

beforeEach(async () => {
  server = createServer();
  server.listen(0, address);
  await once(server, "listening");
  port = (server.address() as { port: number }).port;
});
afterEach(() => {
  for (const child of children.splice(0)) {
    process.kill(-(child.pid ?? 0), "SIGKILL");
  }
  server.close();
});

const dial = (host: string): string =>
  `require("net").connect({port:${port},host:${JSON.stringify(host)}}); setInterval(()=>{},1e3)`;

/** Starts a session of its own, as the node runner does, that dials the server. */
async function session(...argv: string[]): Promise<{ child: ChildProcess; accepted: Socket }> {
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const child = spawn(argv[0]!, argv.slice(1), { detached: true, stdio: "ignore" });
  children.push(child);
  const [socket] = await accepted;
  return { child, accepted: socket };
}

const sessionOf = (child: ChildProcess): { pid: number; startTime: string } => ({
  pid: child.pid ?? 0,
  startTime: processOf(child.pid ?? 0)?.startTime ?? "",
});

describe("who is at the other end of a connection", () => {
  test("the process of the session itself", async () => {
    const attestor = createAttestor();
    const { child, accepted } = await session(process.execPath, "-e", dial(address));
    const inode = await attestor.inodeOf(accepted);
    expect(await attestor.holds([sessionOf(child)], inode ?? "")).toBe(true);
  });

  test("a child of the session's process", async () => {
    const attestor = createAttestor();
    const script = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(dial(address))}], {stdio:"ignore"})`;
    const { child, accepted } = await session(process.execPath, "-e", script);
    const inode = await attestor.inodeOf(accepted);
    expect(await attestor.holds([sessionOf(child)], inode ?? "")).toBe(true);
  });

  test("a client with a socket for both address families", async () => {
    const attestor = createAttestor();
    const { child, accepted } = await session(process.execPath, "-e", dial(`::ffff:${address}`));
    const inode = await attestor.inodeOf(accepted);
    expect(await attestor.holds([sessionOf(child)], inode ?? "")).toBe(true);
  });

  test("not another session's process, nor a pid that was used again, nor nobody", async () => {
    const attestor = createAttestor();
    const first = await session(process.execPath, "-e", dial(address));
    const second = await session(process.execPath, "-e", dial(address));
    const inode = (await attestor.inodeOf(first.accepted)) ?? "";
    expect(await attestor.holds([sessionOf(second.child)], inode)).toBe(false);
    expect(await attestor.holds([{ ...sessionOf(first.child), startTime: "1" }], inode)).toBe(false);
    expect(await attestor.holds([], inode)).toBe(false);
    expect(await attestor.holds([sessionOf(second.child), sessionOf(first.child)], inode)).toBe(true);
  });

  test("a connection that nobody holds any more has no owner", async () => {
    const attestor = createAttestor();
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const child = spawn(process.execPath, ["-e", `require("net").connect({port:${port},host:"${address}"}).end()`]);
    const [socket] = await accepted;
    await once(child, "exit");
    expect(await attestor.inodeOf(socket)).toBeUndefined();
  });

  test("many at once are answered by few readings, each with its own", async () => {
    const attestor = createAttestor();
    const sockets: Socket[] = [];
    const all = new Promise<void>((resolve) => {
      server.on("connection", (socket) => sockets.push(socket) === 200 && resolve());
    });
    const child = spawn(
      process.execPath,
      [
        "-e",
        `for (let i = 0; i < 200; i++) require("net").connect({port:${port},host:"${address}"}); setInterval(()=>{},1e3)`,
      ],
      { detached: true, stdio: "ignore" },
    );
    children.push(child);
    await all;
    const inodes = await Promise.all(sockets.map((socket) => attestor.inodeOf(socket)));
    expect(new Set(inodes).size).toBe(200);
    const sessions = [sessionOf(child)];
    const held = await Promise.all(inodes.map((inode) => attestor.holds(sessions, inode ?? "")));
    expect(held.every(Boolean)).toBe(true);
  });
});
