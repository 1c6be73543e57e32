/**
 * Open-loop HTTP/1.1 load over a few keep-alive connections. Latency counts from when a request was due, not from when
 * it could be sent, so that a stall shows in every request it delayed. Prints one JSON object.
 *
 * `node load-client.ts --connect host:port --url http://host/path [--proxy] --rate 1000 --connections 4 --seconds 10`
 * With `--proxy` the request is in absolute form; `--connect` defaults to HTTP_PROXY then. `--rate 0` is closed loop.
 */
import { connect } from "node:net";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    connect: { type: "string" },
    url: { type: "string" },
    proxy: { type: "boolean", default: false },
    rate: { type: "string", default: "1000" },
    connections: { type: "string", default: "4" },
    seconds: { type: "string", default: "10" },
  },
});
const url = new URL(values.url ?? "");
const proxy = process.env["HTTP_PROXY"];
const target = values.connect ?? (values.proxy && proxy !== undefined ? new URL(proxy).host : url.host);
const [host = "", port = "80"] = target.split(":");
const connections = Number(values.connections);
const rate = Number(values.rate);
const durationMs = Number(values.seconds) * 1_000;
const request = Buffer.from(
  `GET ${values.proxy ? url.href : url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUser-Agent: bench\r\n\r\n`,
);

const latenciesMs: number[] = [];
let failures = 0;
const endOfHead = Buffer.from("\r\n\r\n");

/** Sends one request after another on one connection, each at its due time. */
function worker(index: number, startMs: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), noDelay: true });
    const intervalMs = rate === 0 ? 0 : (1_000 * connections) / rate;
    let dueMs = startMs + (intervalMs * index) / connections;
    let received: Buffer = Buffer.alloc(0);
    let answerBytes = 0;
    let fromMs = dueMs;
    const send = (): void => {
      if (performance.now() - startMs > durationMs) {
        socket.end();
        resolve();
        return;
      }
      const waitMs = dueMs - performance.now();
      if (waitMs > 1) {
        setTimeout(send, waitMs);
      } else {
        // A timer fires up to a millisecond early: then the request counts from when it was sent.
        fromMs = Math.min(dueMs, performance.now());
        socket.write(request);
      }
    };
    socket.on("connect", send);
    socket.on("data", (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      if (answerBytes === 0) {
        const end = received.indexOf(endOfHead);
        if (end < 0) {
          return;
        }
        const head = received.subarray(0, end).toString("latin1");
        if (!head.startsWith("HTTP/1.1 200")) {
          failures++;
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
    socket.on("error", () => {
      failures++;
      resolve();
    });
    socket.on("close", () => resolve());
  });
}

const startMs = performance.now();
await Promise.all(Array.from({ length: connections }, (_, index) => worker(index, startMs)));
const elapsedMs = performance.now() - startMs;
latenciesMs.sort((a, b) => a - b);
const quantile = (q: number): number =>
  latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(q * latenciesMs.length))] ?? 0;
console.log(
  JSON.stringify({
    requests: latenciesMs.length,
    failures,
    perSecond: Math.round((latenciesMs.length / elapsedMs) * 1_000),
    p50Ms: quantile(0.5),
    p90Ms: quantile(0.9),
    p99Ms: quantile(0.99),
  }),
);
