/**
 * The caller's side of the benchmark: HTTP/1.1 over HBONE tunnels, as an agent opens them. Prints one JSON object.
 *
 * `node hbone-load.ts <certificates.json> --port 15008 --authority echo.bench.svc.cluster.local:8080 --connections 32
 * --rate 0 --seconds 10`. `--rate 0` is closed loop; otherwise latency counts from when a request was due.
 */
import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import { parseArgs } from "node:util";
import { createLog } from "../../mesh-runtime/common/log.ts";
import { createHbonePool } from "../../mesh-runtime/hbone/pool.ts";
import { TestCertificates } from "../../mesh-runtime/hbone/test-certificates.suite.ts";
import type { BenchCertificates } from "./certificates.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: "string", default: "15008" },
    address: { type: "string", default: "127.0.0.1" },
    authority: { type: "string", default: "echo.bench.svc.cluster.local:8080" },
    path: { type: "string", default: "/headers" },
    connections: { type: "string", default: "4" },
    rate: { type: "string", default: "0" },
    seconds: { type: "string", default: "10" },
    header: { type: "string", multiple: true, default: [] },
    idle: { type: "string", default: "0" },
    /** The backend itself answers. */
    direct: { type: "boolean", default: false },
  },
});
const { client, waypoint, backend } = JSON.parse(readFileSync(positionals[0] ?? "", "utf8")) as BenchCertificates;
const certificates = new TestCertificates();
certificates.renew(client);
const pool = createHbonePool({ certificates, trustDomain: "cluster.local", log: createLog("bench") });
const connections = Number(values.connections);
const rate = Number(values.rate);
const durationMs = Number(values.seconds) * 1_000;
const request = Buffer.from(
  `GET ${values.path} HTTP/1.1\r\nHost: echo.bench:8080\r\nUser-Agent: bench\r\nAccept: */*\r\nx-bench-peer: ${client.info.spiffeId}\r\n${values.header.map((line) => `${line}\r\n`).join("")}\r\n`,
);

const open = async (): Promise<Duplex> =>
  (
    await pool.connect({
      source: client.identity,
      destination: {
        address: values.address,
        port: Number(values.port),
        identity: (values.direct ? backend : waypoint).identity,
      },
      target: values.authority,
    })
  ).stream;

const latenciesMs: number[] = [];
let failures = 0;
let firstFailure = "";
const endOfHead = Buffer.from("\r\n\r\n");

function worker(stream: Duplex, index: number, startMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const intervalMs = rate === 0 ? 0 : (1_000 * connections) / rate;
  let dueMs = startMs + (intervalMs * index) / connections;
  let received: Buffer = Buffer.alloc(0);
  let answerBytes = 0;
  let fromMs = dueMs;
  const send = (): void => {
    if (performance.now() - startMs > durationMs) {
      stream.end();
      resolve();
      return;
    }
    const waitMs = dueMs - performance.now();
    if (waitMs > 1) {
      setTimeout(send, waitMs);
    } else {
      fromMs = Math.min(dueMs, performance.now());
      stream.write(request);
    }
  };
  stream.on("data", (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    if (answerBytes === 0) {
      const end = received.indexOf(endOfHead);
      if (end < 0) {
        return;
      }
      const head = received.subarray(0, end).toString("latin1");
      if (!head.startsWith("HTTP/1.1 200")) {
        failures++;
        firstFailure ||= head.slice(0, 200);
      }
      answerBytes = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    }
    if (received.length >= answerBytes) {
      received = received.subarray(answerBytes);
      answerBytes = 0;
      const now = performance.now();
      latenciesMs.push(now - fromMs);
      dueMs = intervalMs === 0 ? now : dueMs + intervalMs;
      send();
    }
  });
  stream.on("error", () => {
    failures++;
    resolve();
  });
  stream.on("close", () => resolve());
  send();
  return promise;
}

const idle = await Promise.all(Array.from({ length: Number(values.idle) }, open));
for (const stream of idle) {
  stream.on("error", () => undefined);
  stream.resume();
}
if (idle.length > 0) {
  // Kept open and silent until the parent is done with measuring.
  console.log(JSON.stringify({ open: idle.length }));
  await new Promise((resolve) => process.stdin.once("end", resolve).resume());
} else {
  const streams = await Promise.all(Array.from({ length: connections }, open));
  const startMs = performance.now();
  await Promise.all(streams.map((stream, index) => worker(stream, index, startMs)));
  const elapsedMs = performance.now() - startMs;
  latenciesMs.sort((a, b) => a - b);
  const quantile = (q: number): number =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(q * latenciesMs.length))] ?? 0;
  console.log(
    JSON.stringify({
      requests: latenciesMs.length,
      failures,
      firstFailure,
      perSecond: Math.round((latenciesMs.length / elapsedMs) * 1_000),
      p50Ms: quantile(0.5),
      p90Ms: quantile(0.9),
      p99Ms: quantile(0.99),
    }),
  );
}
pool.close();
process.exit(0);
