/**
 * What one caller's flood does to another's latency at the same waypoint: quiet and flooded rounds in turns, medians of
 * the rounds' p99. `node bench/waypoint/neighbours.ts` prints a table. The floods run in a process of their own
 * (`--flood`), so that they take time from the waypoint, not from the measurement.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { allOf, Peer } from "../../scenarios/hostile/peer.ts";
import { at, identity, startHostilePlace } from "../../scenarios/hostile/place.ts";
import type { TestMesh } from "../../scenarios/mesh.ts";
import { markdownTable, ms } from "../table.ts";

const authority = `server.${at}.svc.cluster.local:80`;
const kinds = ["requests", "tunnels", "bodies", "failures"] as const;
type Kind = (typeof kinds)[number];
const rounds = 3;
const roundMs = 3_000;
const everyMs = 20;

/** Measures all floods and writes the table. */
export async function neighbourReport(note: (text: string) => void): Promise<string> {
  const place = await startHostilePlace();
  const rows: string[][] = [];
  try {
    const victim = await Peer.connect(place.mesh, place.waypoint, identity("victim"));
    const stream = (await victim.tunnel(authority)) as Duplex;
    await p99Of(stream);
    const control = await startControl();
    for (const kind of kinds) {
      const quiet: number[] = [];
      const flooded: number[] = [];
      const controlQuiet: number[] = [];
      const controlFlooded: number[] = [];
      for (let round = 0; round < rounds; round++) {
        quiet.push(await p99Of(stream));
        controlQuiet.push(await p99Of(control.stream));
        const stop = await startFlood(kind, place.mesh, place.waypoint);
        flooded.push(await p99Of(stream));
        controlFlooded.push(await p99Of(control.stream));
        await stop();
      }
      note(`${kind}: ${quiet.map(ms).join(" ")} | ${flooded.map(ms).join(" ")}`);
      rows.push([kind, ...compared(quiet, flooded), ...compared(controlQuiet, controlFlooded)]);
    }
    control.stop();
    await victim[Symbol.asyncDispose]();
  } finally {
    await place.mesh[Symbol.asyncDispose]();
  }
  return markdownTable([
    ["flood of another caller", "quiet p99", "p99", "times", "control, quiet", "control", "control, times"],
    ...rows,
  ]);
}

const compared = (quiet: readonly number[], flooded: readonly number[]): string[] => [
  ms(median(quiet)),
  ms(median(flooded)),
  (median(flooded) / median(quiet)).toFixed(1),
];

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

/** The victim's p99 in milliseconds: a request every 20 ms on a kept connection. */
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
  process.stdout.write(`${await neighbourReport((text) => process.stderr.write(`${text}\n`))}\n`);
  process.exit(0);
}
