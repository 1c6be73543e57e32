import { mkdir, mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { Home } from "./home.ts";
import { askInstance, ownInstance } from "./instance-socket.ts";
import { claimBlock, claimPort, preferPort } from "./network.ts";
import { planProcesses } from "./process-plan.ts";
import { jsonReporter } from "./reporter.ts";

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), "towpath-supervisor-"));
const state = { version: 1, block: 77, apiPort: 6443, demoApplied: true } as const;

describe("configuration", () => {
  test("has the documented defaults", () => {
    expect(readConfig([], {})).toMatchObject({
      portalPort: 3000,
      gatewayPort: 8080,
      demo: true,
      reset: false,
      json: false,
    });
  });

  test("reads flags and environment", () => {
    const env = { TOWPATH_HOME: "/tmp/x", PORT: "0", TOWPATH_GATEWAY_PORT: "9000" };
    expect(readConfig(["--no-demo", "--reset", "--json"], env)).toMatchObject({
      home: "/tmp/x",
      portalPort: 0,
      gatewayPort: 9000,
      demo: false,
      reset: true,
      json: true,
    });
  });

  test.each([
    [["--nonsense"], {}],
    [[], { PORT: "70000" }],
    [[], { PORT: "http" }],
    [[], { TOWPATH_GATEWAY_PORT: "-1" }],
    [[], { DATABASE_URL: "mysql://x" }],
  ])("refuses %j %j with the list of what there is", (argv, env) => {
    expect(() => readConfig(argv, env)).toThrow(
      expect.objectContaining({
        code: "invalid-configuration",
        remedy: expect.stringContaining("TOWPATH_HOME"),
      }) as Error,
    );
  });
});

describe("ports", () => {
  test("a taken port is an error that names the port and the remedy", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await expect(claimPort(port, "portal", "PORT")).rejects.toMatchObject({
      code: "port-taken",
      message: expect.stringContaining(String(port)),
      remedy: expect.stringContaining("PORT=0"),
    });
    expect(await preferPort(port)).not.toBe(port);
    server.close();
    expect(await claimPort(0, "portal", "PORT")).toBeGreaterThan(0);
  });

  test("two meshes never share a block, and a home gets its own again", async () => {
    const first = await claimBlock("/home/a", undefined);
    const second = await claimBlock("/home/a", undefined);
    expect(second.block).not.toBe(first.block);
    await new Promise((resolve) => first.claim.close(resolve));
    const again = await claimBlock("/home/b", first.block);
    expect(again.block).toBe(first.block);
    for (const { claim } of [second, again]) {
      claim.close();
    }
  });
});

describe("home", () => {
  test("keeps what was decided, readable by nobody else", async () => {
    const home = new Home(join(await folder(), "home"));
    expect(await home.load()).toBeUndefined();
    await home.prepare();
    await home.save(state);
    expect(await home.load()).toEqual(state);
    expect((await stat(home.at("config.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(home.at("credentials"))).mode & 0o777).toBe(0o700);
    expect((await readdir(home.path)).filter((name) => name.startsWith("config.json."))).toEqual([]);
  });

  test("is deleted by reset only when Towpath made it", async () => {
    const foreign = await folder();
    await writeFile(join(foreign, "thesis.txt"), "years of work");
    await expect(new Home(foreign).reset()).rejects.toMatchObject({ code: "home-not-ours" });
    expect(await readdir(foreign)).toEqual(["thesis.txt"]);

    const empty = await folder();
    await new Home(empty).reset();
    await new Home(join(empty, "never-made")).reset();

    const own = new Home(await folder());
    await own.prepare();
    await own.save(state);
    await own.reset();
    await expect(stat(own.path)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("keeps the paths of its sockets short however long its own is", async () => {
    const deep = join(await folder(), "x".repeat(80), "y".repeat(80));
    await mkdir(deep, { recursive: true });
    expect(join(new Home(deep).run, "node-a.kubelet.sock").length).toBeLessThan(104);
  });
});

describe("one supervisor a home", () => {
  test("a second one is told what the first runs; a dead one's socket is no obstacle", async () => {
    const path = join(await folder(), "supervisor.sock");
    expect(await askInstance(path)).toBeUndefined();
    await writeFile(path, "");
    const server = await ownInstance(path, () => ({ portal: "http://127.0.0.1:3000" }));
    expect(await askInstance(path)).toEqual({ portal: "http://127.0.0.1:3000" });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    server.close();
  });
});

test("no secret is on a command line", () => {
  const plan = planProcesses({
    home: new Home("/home/t"),
    block: { block: 77 },
    apiPort: 6443,
    gatewayPort: 8080,
    portalPort: 3000,
    databaseUrl: "postgresql://u:secret@localhost/x",
    demo: true,
    env: { PATH: "/bin", AWS_SECRET_ACCESS_KEY: "secret" },
  });
  const specs = [plan.api, plan.controlPlane, plan.portal, plan.visitor, ...plan.runners, ...plan.agents];
  for (const { argv, env, name } of specs) {
    expect(argv.join(" ")).not.toContain("secret");
    expect(Object.keys(env)).not.toContain("AWS_SECRET_ACCESS_KEY");
    if (name !== "portal") {
      expect(Object.values(env).join(" ")).not.toContain("secret");
    }
  }
});

test("--json reports one object a line", () => {
  const lines: string[] = [];
  const reporter = jsonReporter((line) => lines.push(line));
  const facts = {
    portal: "http://127.0.0.1:3000",
    gateway: "http://127.0.0.1:8080",
    kubeconfig: "/home/t/kubeconfig",
    signIn: { platform: "p", developer: "d", auditor: "a" },
  };
  reporter.ready(facts, 12);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toEqual({ event: "ready", ...facts, startedInMs: 12 });
});
