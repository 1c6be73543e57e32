/**
 * `npm run bench`: figures of the embedded mesh on this machine, written to bench/RESULTS.md. Bounded in time and
 * count; talks to loopback addresses only.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { createInterface } from "node:readline";
import { TestMesh } from "../scenarios/mesh.ts";
import { runInPod } from "../scenarios/pod-session.ts";
import { root } from "../supervisor/config.ts";
import { benchObjects, namespace } from "./bench-pods.ts";
import "./portal-imports.ts";
import { cpuMicroseconds, proportionalMiB, residentMiB } from "./process-cost.ts";
import { namespaced, podRef, policyRef, serviceRef } from "./refs.ts";
import { markdownTable, ms, quantile } from "./table.ts";
import { measureWarmStart } from "./warm-start.ts";
import { waypointReport } from "./waypoint/report.ts";

interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

const seconds = 10;
const loadScript = `${root}/bench/load-client.ts`;
const note = (text: string): void => void process.stderr.write(`${text}\n`);

async function loadHere(args: readonly string[]): Promise<LoadResult> {
  const child = spawn(process.execPath, [loadScript, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return JSON.parse(line) as LoadResult;
}

note("warm start");
const warmStart = await measureWarmStart(3);
note(`first ${ms(warmStart.firstMs)}, later ${warmStart.laterMs.map(ms).join(", ")}`);
const mesh = await TestMesh.start();
note("mesh is up; deploying the benchmark's pods");
await mesh.apply(...benchObjects);
for (const name of ["client", "echo-a", "echo-b"]) {
  await mesh.until(podRef, namespaced(name), (pod) =>
    Boolean(
      pod?.metadata?.annotations?.["ambient.istio.io/redirection"] === "enabled" &&
        pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
    ),
  );
}
const agents = ["agent-node-a", "agent-node-b"].map((name) => {
  const pid = mesh.towpath.processes.get(name)?.pid;
  if (pid === undefined) {
    throw new Error(`${name} does not run`);
  }
  return { name, pid };
});

await mesh.until(serviceRef, namespaced("echo-waypoint"), (service) =>
  Boolean(
    service?.status?.conditions?.some(({ type, status }) => type === "istio.io/WaypointBound" && status === "True"),
  ),
);

/** The waypoint is a pod's process, somewhere below a node runner. */
function waypointPid(): number {
  for (const entry of readdirSync("/proc")) {
    if (/^\d+$/.test(entry)) {
      try {
        const line = readFileSync(`/proc/${entry}/cmdline`, "latin1");
        if (line.includes("mesh-runtime/proxy/") && line.includes(root)) {
          return Number(entry);
        }
      } catch {
        // It ended meanwhile.
      }
    }
  }
  throw new Error("no waypoint runs");
}

async function loadInPod(args: readonly string[]): Promise<LoadResult> {
  const { stdout, stderr } = await runInPod(mesh.kubeconfig, { namespace, name: "client" }, [
    "node",
    loadScript,
    ...args,
  ]);
  if (!stdout.startsWith("{")) {
    throw new Error(stderr || "no result");
  }
  return JSON.parse(stdout) as LoadResult;
}

const traffic: (string | number)[][] = [
  [
    "way",
    "connections",
    "rate",
    "CPU µs per request (all proxies)",
    "per hop",
    "p50 (added)",
    "p90 (added)",
    "p99 (added)",
    "failures",
  ],
];
const echo = spawn(process.execPath, [`${root}/bench/echo-server.ts`], { stdio: ["pipe", "pipe", "inherit"] });
const [listening] = (await once(createInterface({ input: echo.stdout }), "line")) as [string];
const { port } = JSON.parse(listening) as { port: number };
const common = ["--seconds", String(seconds)];
for (const { connections, rate } of [
  { connections: 4, rate: 1000 },
  { connections: 32, rate: 0 },
  { connections: 64, rate: 0 },
]) {
  const shape = ["--connections", String(connections), "--rate", String(rate), ...common];
  const direct = await loadHere(["--url", `http://127.0.0.1:${port}/`, ...shape]);
  const row = (way: string, cost: number | undefined, result: LoadResult): void => {
    const perRequest = cost === undefined ? "" : (cost / result.requests).toFixed(1);
    const hops = way.includes("waypoint") ? 3 : 2;
    const hop = cost === undefined ? "" : (cost / result.requests / hops).toFixed(1);
    traffic.push([
      way,
      connections,
      rate === 0 ? `${result.perSecond}/s (closed loop)` : `${result.perSecond}/s`,
      perRequest,
      hop,
      ...(["p50Ms", "p90Ms", "p99Ms"] as const).map((name) =>
        result === direct ? ms(result[name]) : `${ms(result[name])} (+${ms(Math.max(0, result[name] - direct[name]))})`,
      ),
      result.failures,
    ]);
    note(traffic.at(-1)?.join("  ") ?? "");
  };
  row("direct", undefined, direct);
  for (const [way, service] of [
    ["same node, two passes of one agent", "echo-a"],
    ["two nodes, agent to agent", "echo-b"],
    ["agent, waypoint with a layer 7 policy, agent", "echo-waypoint"],
  ] as const) {
    await loadInPod([
      "--proxy",
      "--url",
      `http://${service}.${namespace}:8080/`,
      "--connections",
      "4",
      "--rate",
      "500",
      "--seconds",
      "2",
    ]);
    const proxies = service === "echo-waypoint" ? [...agents, { pid: waypointPid() }] : agents;
    const before = proxies.map(({ pid }) => cpuMicroseconds(pid));
    const result = await loadInPod(["--proxy", "--url", `http://${service}.${namespace}:8080/`, ...shape]);
    const cost = proxies.reduce((sum, { pid }, index) => sum + cpuMicroseconds(pid) - (before[index] ?? 0), 0);
    row(way, cost, result);
  }
}
echo.kill();

note("policy applied → enforced on every proxy");
const enforcedMs: number[] = [];
for (let round = 0; round < 30; round++) {
  const name = `round-${round}`;
  const policy = {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name, namespace },
    spec: { rules: [{ from: [{ source: { serviceAccounts: [`${namespace}/client`] } }] }] },
  };
  const start = performance.now();
  await mesh.apply(policy);
  await mesh.until(policyRef, namespaced(name), (object) =>
    Boolean(
      object?.status?.conditions?.some(({ type, status }) => type === "towpath.dev/Enforced" && status === "True"),
    ),
  );
  enforcedMs.push(performance.now() - start);
  await mesh.delete(policy);
}

const memoryOf = (name: string, pid: number | undefined): (string | number)[] =>
  pid === undefined ? [name, "", ""] : [name, residentMiB(pid), proportionalMiB(pid)];
const memory = [
  ["process", "resident MiB", "proportional MiB"],
  ...[...mesh.towpath.processes].map(([name, { pid }]) => memoryOf(name, pid)),
  memoryOf("waypoint", waypointPid()),
];
await mesh[Symbol.asyncDispose]();
note("from the form to enforced");
const { formToEnforcedReport } = await import("./form-to-enforced.ts");
const leadTimes = await formToEnforcedReport();
note("from abort to the last answer of the new version");
const { timeToAbortReport } = await import("./time-to-abort.ts");
const aborts = await timeToAbortReport();
note("previews");
const { impactReport } = await import("./impact.ts");
const previews = await impactReport();
note("waypoint beside Envoy");
const waypoint = await waypointReport(note);
const report = `# Figures

Measured with \`npm run bench\` on ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}. Client, servers and mesh share the machine, so latencies at full load say little; CPU per request does.

## Agents, and a waypoint between them

HTTP/1.1 keep-alive, 1 KiB answers, from inside a pod through its agent (request parsed and routed), HBONE over mutual TLS 1.3, layer 4 authorization, to the destination's agent and its application. "direct" is the same client and server without the mesh. With a waypoint the second agent lets in the waypoint, which judges each request by method, path and the caller's identity.

${markdownTable(traffic)}

## Start

\`npm start\` with dependencies and build present, until portal, database, mesh and demo are ready: first start on an empty home ${ms(warmStart.firstMs)}, later starts ${warmStart.laterMs.map(ms).join(", ")}.

## From applied to enforced

AuthorizationPolicy by server-side apply until its condition \`towpath.dev/Enforced\` is True on every proxy, seen by a watching client, ${enforcedMs.length} rounds: p50 ${ms(quantile(enforcedMs, 0.5))}, p95 ${ms(quantile(enforcedMs, 0.95))}.

The same from the form: from the preview of a filled-in golden path until every proxy confirmed it, with database, dry run, order and receipts.

${leadTimes}

## From abort to the last answer of the new version

Half of the calls of one service go to a new version, through a waypoint; then the release goes back: the route is written straight to the API, ahead of any change. Eight callers in a pod ask on.

${aborts}

## Memory

After the load above, without portal and demo. Proportional: pages that several processes share, such as the Node binary's, divided among them.

${markdownTable(memory)}

## Previews

${previews}

${waypoint}
${readFileSync(`${root}/bench/mutation.md`, "utf8")}`;
await writeFile(`${root}/bench/RESULTS.md`, report);
note(report);
