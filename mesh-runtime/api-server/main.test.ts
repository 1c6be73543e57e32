/** The process: flags, events, ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ConfigMap } from "../api/configmap.ts";
import { type ProcessEvent, parseProcessEvent } from "../common/process-events.ts";
import { createKubeClient } from "../kube-client/client.ts";
import { loadKubeconfig } from "../kube-client/kubeconfig.ts";
import type { ResourceRef } from "../kube-client/resource.ts";

const configMaps: ResourceRef<ConfigMap> = {
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
};
let home: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "towpath-main-"));
});
afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
  }
  rmSync(home, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly events: ProcessEvent[];
  readonly port: number;
}

function run(args: readonly string[]): { child: ChildProcess; events: AsyncGenerator<ProcessEvent> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  children.push(child);
  async function* events(): AsyncGenerator<ProcessEvent> {
    for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
      const event = parseProcessEvent(line);
      if (event !== undefined) {
        yield event;
      }
    }
  }
  return { child, events: events() };
}

const flags = (port: number) => [
  ...["--data", join(home, "api"), "--host", "127.0.0.1", "--port", String(port)],
  ...["--credentials", join(home, "credentials"), "--kubeconfig", join(home, "kubeconfig")],
  ...["--run", join(home, "run"), "--nodes", "node-a"],
];

async function start(port: number): Promise<Started> {
  const { child, events } = run(flags(port));
  const seen: ProcessEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    if (event.event === "ready" || event.event === "fatal") {
      break;
    }
  }
  const listen = seen.find((event) => event.event === "listen");
  return { child, events: seen, port: listen?.event === "listen" ? listen.port : 0 };
}

async function client() {
  return createKubeClient({ kubeconfig: await loadKubeconfig(join(home, "kubeconfig")), component: "test" });
}

test("tells where it listens, then that it is ready; after kill -9 everything acknowledged is there again", async () => {
  const first = await start(0);
  expect(first.events).toEqual([
    { event: "listen", name: "api", address: "127.0.0.1", port: first.port },
    { event: "ready" },
  ]);
  const writer = await client();
  const key = { name: "kept", namespace: "default" };
  await writer.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: key, data: { a: "1" } });
  writer.close();
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const second = await start(first.port);
  const reader = await client();
  expect((await reader.get(configMaps, key)).data).toEqual({ a: "1" });
  reader.close();
  second.child.kill("SIGTERM");
  expect(await once(second.child, "exit")).toEqual([0, null]);
}, 30_000);

test("ends when its parent goes", async () => {
  const { child } = await start(0);
  child.stdin?.end();
  expect(await once(child, "exit")).toEqual([0, null]);
}, 20_000);

test("a taken port and a wrong flag are told with code and remedy", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const { events } = await start(typeof address === "object" && address !== null ? address.port : 0);
  expect(events).toEqual([
    expect.objectContaining({
      event: "fatal",
      code: "ADDRESS_IN_USE",
      remedy: expect.stringContaining("another port"),
    }),
  ]);
  other.close();
  const wrong = run(["--data", join(home, "api"), "--port", "x"]);
  expect((await wrong.events.next()).value).toMatchObject({ event: "fatal", code: "BAD_FLAGS" });
}, 20_000);
