/**
 * What one caller's flood does to another's latency at the same waypoint: quiet and flooded rounds in turns, medians of
 * the rounds' p99. `node bench/waypoint/neighbours.ts [flood…]` prints a table. The floods run in a process of their own
 * (`--flood`), so that they take time from the waypoint, not from the measurement.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { gatewayAddress, programPod, startPlace } from "../../scenarios/conformance/place.ts";
import { allOf, Peer } from "../../scenarios/hostile/peer.ts";
import { at, identity } from "../../scenarios/hostile/place.ts";
import { giveWaypoint, manifests } from "../../scenarios/manifests.ts";
import type { TestMesh } from "../../scenarios/mesh.ts";
import { serviceAccount } from "../../scenarios/workloads.ts";
import { root } from "../../supervisor/config.ts";
import { markdownTable, ms } from "../table.ts";

/** Where the other caller's service is. */
const apart = "apart";
const authorityOf = (name: string, namespace: string): string => `${name}.${namespace}.svc.cluster.local:80`;
const authority = authorityOf("server", at);
const kinds = ["requests", "tunnels", "bodies", "failures"] as const;
type Kind = (typeof kinds)[number];
const rounds = 3;
const roundMs = 3_000;
const everyMs = 20;
const settleMs = 1_000;

/** The ports that the echo program binds. */
const echoPorts = [3000, 3001, 7070, 9090];
const backend = (namespace: string, name: string) => [
  serviceAccount(namespace, name),
  programPod(namespace, name, { app: name }, ["node", `${root}/scenarios/backends/echo.ts`, name], echoPorts),
  ...manifests(`
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: 3000, appProtocol: http }] }
`),
];

/** Whom the callers call, by what they share with the flood; the flood calls the first. */
const callers = [
  { shares: "waypoint and pod", namespace: at, name: "server" },
  { shares: "waypoint", namespace: at, name: "other" },
  { shares: "agent", namespace: apart, name: "server" },
] as const;

/** Measures the floods and describes them with a table. */
export async function neighbourReport(note: (text: string) => void, only: readonly Kind[] = kinds): Promise<string> {
  const mesh = await startPlace(
    [at, apart],
    callers.flatMap(({ namespace, name }) => backend(namespace, name)),
  );
  const rows: string[][] = [];
  try {
    const probes: Duplex[] = [];
    await giveWaypoint(mesh, at, ["server", "other"]);
    await giveWaypoint(mesh, apart, ["server"]);
    for (const { namespace, name } of callers) {
      const waypoint = await gatewayAddress(mesh, namespace, "waypoint");
      const peer = await Peer.connect(mesh, waypoint, identity(`victim-of-${name}`, namespace));
      probes.push((await peer.tunnel(authorityOf(name, namespace))) as Duplex);
    }
    const flooded = await gatewayAddress(mesh, at, "waypoint");
    const control = await startControl();
    probes.push(control.stream);
    await p99sOf(probes);
    for (const kind of only) {
      const quietly: number[][] = [];
      const loudly: number[][] = [];
      for (let round = 0; round < rounds; round++) {
        quietly.push(await p99sOf(probes));
        const stop = await startFlood(kind, mesh, flooded);
        loudly.push(await p99sOf(probes));
        await stop();
        // What is under way of the flood ends first.
        await new Promise((resolve) => setTimeout(resolve, settleMs));
      }
      const of = (all: readonly number[][], probe: number): number => median(all.map((each) => each[probe] ?? 0));
      rows.push([
        kind,
        ...probes.flatMap((_stream, probe) => [
          `${ms(of(quietly, probe))} → ${ms(of(loudly, probe))}`,
          (of(loudly, probe) / of(quietly, probe)).toFixed(1),
        ]),
        (of(loudly, 1) / of(loudly, 2)).toFixed(1),
      ]);
      note(rows.at(-1)?.join("  ") ?? "");
    }
    control.stop();
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
  return `p99 of one caller (a request every ${everyMs} ms on a kept connection), quiet and while another caller floods with 32 requests at once, medians of ${rounds} rounds in a real mesh. Flooder, callers, agents, waypoints and pods share this machine's cores. Four callers are measured at the same time: what they share with the flood is its waypoint and pod, its waypoint alone, the node's agent alone, nothing but the machine (a bare server without a mesh). The last column compares the second with the third: what sharing a waypoint adds to sharing a node.

${markdownTable([
  ["flood", ...[...callers, { shares: "machine" }].flatMap(({ shares }) => [shares, "times"]), "waypoint to agent"],
  ...rows,
])}`;
}

/** A server that shares nothing with the flood but the machine: what it suffers is the processor's doing. */
async function startControl(): Promise<{ readonly stream: Duplex; stop(): void }> {
  const program = fileURLToPath(new URL("../echo-server.ts", import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { port: number };
  const stream = connect({ host: "127.0.0.1", port, noDelay: true });
  await once(stream, "connect");
  return {
    stream,
    stop: () => {
      stream.destroy();
      child.kill();
    },
  };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Every caller's p99 in milliseconds, all at the same time. */
const p99sOf = (streams: readonly Duplex[]): Promise<number[]> => Promise.all(streams.map(p99Of));

/** A caller's p99 in milliseconds: a request every 20 ms on a kept connection. */
async function p99Of(stream: Duplex): Promise<number> {
  const latencies: number[] = [];
  const endMs = performance.now() + roundMs;
  while (performance.now() < endMs) {
    const startMs = performance.now();
    stream.write(`GET /victim HTTP/1.1\r\nHost: server\r\n\r\n`);
    await once(stream, "data");
    latencies.push(performance.now() - startMs);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  latencies.sort((a, b) => a - b);
  return latencies[Math.floor(latencies.length * 0.99)] ?? 0;
}

async function startFlood(kind: Kind, mesh: TestMesh, waypoint: string): Promise<() => Promise<void>> {
  const program = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [program, "--flood", kind, mesh.towpath.home.path, waypoint], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return async () => {
    const ended = once(child, "exit");
    child.kill();
    await ended;
  };
}

/** Floods without end: 32 at once. */
async function flood(kind: Kind, home: string, waypoint: string): Promise<void> {
  const mesh = { towpath: { home: { path: home } } } as unknown as TestMesh;
  const peer = await Peer.connect(mesh, waypoint, identity("flooder"));
  const texts: Readonly<Record<Kind, string | Buffer>> = {
    requests: "GET /flood HTTP/1.1\r\nHost: server\r\n\r\n",
    tunnels: "GET /flood HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n",
    bodies: Buffer.concat([
      Buffer.from("POST /flood HTTP/1.1\r\nHost: server\r\nContent-Length: 1048576\r\n\r\n"),
      Buffer.alloc(1 << 20, 0x61),
    ]),
    failures: "GET /flood?responseCode=503&uuid=x&succeedAfter=1000000000 HTTP/1.1\r\nHost: server\r\n\r\n",
  };
  const text = texts[kind];
  const worker = async (): Promise<void> => {
    let stream: Duplex | undefined;
    let answered = (): void => undefined;
    for (;;) {
      if (kind === "tunnels") {
        await peer.raw(authority, text, 5_000);
        continue;
      }
      if (stream === undefined || stream.destroyed) {
        const opened = await peer.tunnel(authority);
        stream = typeof opened === "number" ? undefined : opened;
        stream?.on("data", () => answered());
        stream?.on("close", () => answered());
      }
      if (stream !== undefined) {
        const answer = new Promise<void>((resolve) => {
          answered = resolve;
        });
        stream.write(text);
        await answer;
      }
    }
  };
  await allOf((await peer.tunnel(authority)) as Duplex, "GET / HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n");
  process.stdout.write("flooding\n");
  await Promise.all(Array.from({ length: 32 }, worker));
}

if (process.argv[2] === "--flood") {
  const [, , , kind, home = "", waypoint = ""] = process.argv;
  await flood(kind as Kind, home, waypoint);
} else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(
    `${await neighbourReport(
      (text) => process.stderr.write(`${text}\n`),
      process.argv[2] === undefined ? kinds : kinds.filter((kind) => process.argv.includes(kind)),
    )}\n`,
  );
  process.exit(0);
}
