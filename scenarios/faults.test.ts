import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../supervisor/config.ts";
import { TestMesh } from "./mesh.ts";
import { Visitors, visit } from "./visitors.ts";
import { allow, enforce, namespace, podRef, policyRef } from "./workloads.ts";

let mesh: TestMesh;
beforeAll(async () => {
  mesh = await TestMesh.start({ demo: true });
  for (const name of ["web-api", "recommendation", "purchase-history"]) {
    await mesh.apply(namespace(name, true));
  }
  await answers(200);
});
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

/** Waits until the gateway gives this status. */
async function answers(status: number): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const seen = await visit(mesh.towpath.facts.gateway);
    if (seen.status === status) {
      return;
    }
    if (performance.now() > deadline) {
      throw new Error(`the gateway answers ${seen.status}, not ${status}: ${seen.body}`);
    }
    await new Promise(setImmediate);
  }
}

/** Kills a process and waits until the supervisor has started another in its place. */
async function kill(name: string): Promise<void> {
  const process_ = mesh.towpath.processes.get(name);
  const pid = process_?.pid;
  process.kill(pid ?? 0, "SIGKILL");
  while (process_?.pid === undefined || process_.pid === pid) {
    await new Promise(setImmediate);
  }
}

describe("kill -9 under load", () => {
  test.each(["api-server", "control-plane", "node-runner-node-a", "node-runner-node-b"])(
    "of the %s costs no request",
    async (name) => {
      const visitors = new Visitors(mesh.towpath.facts.gateway);
      await visitors.more(20);
      await kill(name);
      await visitors.more(300);
      const visits = await visitors.stop();
      expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
    },
  );

  test("of the node runners restarts no pod", async () => {
    const restarts = async (): Promise<unknown> =>
      (await mesh.client.list(podRef)).items.map(({ metadata, status }) => [
        metadata?.uid,
        (status as { containerStatuses?: { restartCount: number }[] }).containerStatuses?.map((c) => c.restartCount),
      ]);
    const before = await restarts();
    await kill("node-runner-node-a");
    await kill("node-runner-node-b");
    await answers(200);
    expect(await restarts()).toEqual(before);
  });

  test("of the API server loses nothing that was acknowledged", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `kept-${index}`);
    for (const name of names) {
      await mesh.apply(allow("default", name, ["default/sleep"]));
    }
    await kill("api-server");
    for (const name of names) {
      await mesh.until(policyRef, { namespace: "default", name }, (policy) => policy !== undefined);
      await mesh.delete(allow("default", name, []));
    }
  });

  test("of an agent is mended by itself", async () => {
    await kill("agent-node-a");
    await kill("agent-node-b");
    await answers(200);
  });

  test("of the control plane: the next policy is enforced by proxies that never restarted", async () => {
    await kill("control-plane");
    await enforce(mesh, allow("web-api", "nobody", ["default/nobody"]));
    await answers(503);
    await mesh.delete(allow("web-api", "nobody", []));
    await answers(200);
  });
});

describe("kill -9 of the supervisor", () => {
  test("ends every process it started, and the next start goes on from there", async () => {
    const home = await mkdtemp(join(tmpdir(), "towpath-orphan-"));
    const start = async (): Promise<number> => {
      const child = spawn(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", "scenarios/start-mesh.ts", home],
        {
          cwd: root,
          stdio: ["pipe", "pipe", "inherit"],
        },
      );
      for await (const line of createInterface({ input: child.stdout })) {
        if (line === "ready") {
          break;
        }
      }
      return child.pid ?? 0;
    };
    const first = await start();
    expect((await processesOf(home)).length).toBeGreaterThan(8);
    process.kill(first, "SIGKILL");
    const deadline = performance.now() + 20_000;
    while ((await processesOf(home)).length > 0) {
      if (performance.now() > deadline) {
        throw new Error(`still there: ${(await processesOf(home)).join("; ")}`);
      }
      await new Promise(setImmediate);
    }
    const second = await start();
    process.kill(second, "SIGTERM");
    while ((await processesOf(home)).length > 0) {
      await new Promise(setImmediate);
    }
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });
});

/** Command lines of all processes whose environment names the home. */
async function processesOf(home: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (/^\d+$/.test(pid)) {
      const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
      const command = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
      if (environment.includes(home) || command.includes(`${home}/`)) {
        found.push(command.replaceAll("\0", " "));
      }
    }
  }
  return found;
}
