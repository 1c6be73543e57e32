import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import type { Running } from "../../common/lifetime.ts";
import { createLog } from "../../common/log.ts";
import { logFiles } from "../log-file.ts";
import { aPod, type NodeBench, openNode, type StandInAgent, standInAgent } from "../node-bench.suite.ts";
import { sessionMembers } from "../process-table.ts";
import { serveKubeletApi } from "./server.ts";

const wait = { timeout: 8_000, interval: 20 };
let bench: NodeBench;
let agent: StandInAgent;
let api: Running;
let path: string;

beforeAll(async () => {
  bench = await openNode();
  agent = await standInAgent(bench.agentPath);
  path = join(bench.data, "kubelet.sock");
  api = await serveKubeletApi({
    path,
    log: createLog("test"),
    pod: (namespace, name) => {
      const worker = bench.pods.find(namespace, name);
      return (
        worker && {
          containers: ["app"],
          log: (container) => logFiles(join(bench.data, "pods", `uid-${name}`), container),
          isRunning: worker.isRunning,
          exec: worker.exec,
        }
      );
    },
  });
  const talk = "printf 'one\\ntwo\\nthree\\n'; trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done";
  bench.put(aPod("talker", { command: ["sh", "-c", talk], env: [{ name: "GREETING", value: "hello" }] }));
  bench.put(aPod("crasher", { command: ["sh", "-c", "echo run; sleep 0.1; exit 1"] }));
  bench.put(aPod("waiter", { image: "nginx" }));
  await vi.waitFor(async () => expect((await get("/logs/ns/talker/app")).body).toBe("one\ntwo\nthree\n"), wait);
});
afterAll(async () => {
  await api.close();
  await bench.close();
  agent.close();
});

function get(url: string, onData: (text: string) => void = () => undefined): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: path, path: url }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
        onData(body);
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

describe("logs", () => {
  test.each([
    ["", "one\ntwo\nthree\n"],
    ["?tailLines=1", "three\n"],
    ["?tailLines=0", ""],
    ["?limitBytes=5", "one\nt"],
    ["?sinceSeconds=3600", "one\ntwo\nthree\n"],
  ])("%s", async (query, body) => {
    expect(await get(`/logs/ns/talker/app${query}`)).toEqual({ status: 200, body });
  });

  test("stamps lines when asked", async () => {
    const { body } = await get("/logs/ns/talker/app?timestamps=true&tailLines=1");
    expect(body).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z three\n$/);
  });

  test("follows to the end of the container", async () => {
    bench.put(aPod("ender", { command: ["sh", "-c", "echo a; sleep 0.3; echo b"] }, { restartPolicy: "Never" }));
    await expect.poll(async () => (await get("/logs/ns/ender/app")).body, wait).toBe("a\n");
    expect(await get("/logs/ns/ender/app?follow=true")).toEqual({ status: 200, body: "a\nb\n" });
  });

  test("has the log of the run before", async () => {
    await expect.poll(async () => (await get("/logs/ns/crasher/app?previous=true")).body, wait).toBe("run\n");
  });

  test.each([
    ["/logs/ns/nobody/app", 404, /not on this node/],
    ["/logs/ns/talker/other", 400, /not valid/],
    ["/logs/ns/waiter/app", 400, /waiting to start/],
    ["/logs/ns/talker/app?previous=true", 400, /previous terminated/],
    ["/logs/ns/talker/app?tailLines=-1", 400, /tailLines/],
    ["/logs/ns/talker", 404, /no such path/],
    ["/nothing", 404, /no such path/],
  ])("%s is refused with %i", async (url, status, text) => {
    const answer = await get(url);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(text);
  });
});

interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: { status?: string; reason?: string; message?: string; details?: { causes?: { message: string }[] } };
}

interface ExecOptions {
  readonly pod?: string;
  readonly stdin?: string;
  readonly protocol?: string;
  readonly tty?: boolean;
  readonly onOpen?: (socket: WebSocket) => void;
}

function exec(
  argv: readonly string[],
  { pod = "talker", stdin, protocol = "v5.channel.k8s.io", tty, onOpen }: ExecOptions = {},
) {
  const query = new URLSearchParams(argv.map((word) => ["command", word]));
  query.set("stdout", "true");
  query.set("stderr", String(tty !== true));
  query.set("tty", String(tty === true));
  query.set("stdin", String(stdin !== undefined));
  const socket = new WebSocket(`ws+unix:${path}:/exec/ns/${pod}/app?${query}`, protocol);
  return new Promise<ExecResult>((resolve, reject) => {
    const channels: Buffer[][] = [[], [], [], []];
    socket.on("open", () => {
      if (stdin !== undefined) {
        socket.send(Buffer.concat([Buffer.of(0), Buffer.from(stdin)]));
        socket.send(protocol.startsWith("v5") ? Buffer.of(255, 0) : Buffer.of(0));
      }
      onOpen?.(socket);
    });
    socket.on("message", (data: Buffer) => channels[data[0] ?? 0]?.push(data.subarray(1)));
    socket.on("close", () => {
      const text = (channel: number): string => Buffer.concat(channels[channel] ?? []).toString();
      resolve({ stdout: text(1), stderr: text(2), status: text(3) === "" ? {} : JSON.parse(text(3)) });
    });
    socket.on("error", reject);
  });
}

describe("exec", () => {
  test("runs in the container's environment, outputs apart, and succeeds", async () => {
    const result = await exec(["sh", "-c", 'echo "$GREETING from $POD_NAME"; echo oops >&2']);
    expect(result).toEqual({
      stdout: "hello from talker\n",
      stderr: "oops\n",
      status: { metadata: {}, status: "Success" },
    });
  });

  test("passes each word as it is, never through a shell", async () => {
    expect((await exec(["printf", "%s|", "a b", "$HOME", ";ls"])).stdout).toBe("a b|$HOME|;ls|");
  });

  test("tells the exit code as Kubernetes does", async () => {
    expect((await exec(["sh", "-c", "exit 42"])).status).toMatchObject({
      status: "Failure",
      reason: "NonZeroExitCode",
      message: "command terminated with non-zero exit code: exit status 42",
      details: { causes: [{ reason: "ExitCode", message: "42" }] },
    });
  });

  test("a command that is not there is an error that names it", async () => {
    const { status } = await exec(["no-such-program"]);
    expect(status).toMatchObject({ status: "Failure", reason: "InternalError" });
    expect(status.message).toContain('exec: "no-such-program": executable file not found in $PATH');
  });

  test.each(["v5.channel.k8s.io", "v4.channel.k8s.io"])("hands stdin on and ends it (%s)", async (protocol) => {
    expect((await exec(["cat"], { stdin: "line\n", protocol })).stdout).toBe("line\n");
  });

  test("carries more output than fits into any buffer", async () => {
    const { stdout, status } = await exec(["sh", "-c", "head -c 5000000 /dev/zero"]);
    expect(stdout).toHaveLength(5_000_000);
    expect(status.status).toBe("Success");
  });

  test("the agent knows the session of the command while it runs, and not after", async () => {
    const known = (): number => agent.last("uid-talker")?.sessions.length ?? 0;
    expect(known()).toBe(1);
    const running = exec(["sleep", "0.3"]);
    await expect.poll(known, wait).toBe(2);
    await running;
    await expect.poll(known, wait).toBe(1);
  });

  test("ends the command, and what it started, when the client leaves", async () => {
    let socket: WebSocket | undefined;
    const result = exec(["sh", "-c", "sleep 60 & sleep 60"], {
      onOpen: (opened) => {
        socket = opened;
      },
    });
    await expect.poll(() => agent.last("uid-talker")?.sessions.length, wait).toBe(2);
    const session = agent.last("uid-talker")?.sessions.at(-1)?.pid ?? 0;
    await expect.poll(() => sessionMembers(session).length, wait).toBe(3);
    socket?.terminate();
    await result;
    await expect.poll(() => sessionMembers(session), wait).toEqual([]);
  });

  test("a terminal gets echo, lines and returns", async () => {
    const { stdout } = await exec(["sh", "-c", "read line; echo got $line"], {
      tty: true,
      stdin: "yex\x7fs\r",
      protocol: "v4.channel.k8s.io",
    });
    expect(stdout).toContain("yex\b \bs\r\n");
    expect(stdout).toContain("got yes\r\n");
  });

  test("refuses a container that does not run", async () => {
    expect((await exec(["true"], { pod: "waiter" })).status.message).toContain("container app is not running");
  });

  test("refuses a pod that is not here before it upgrades", async () => {
    await expect(exec(["true"], { pod: "nobody" })).rejects.toThrow("404");
  });
});
