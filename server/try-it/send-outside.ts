import { Agent, request } from "node:http";
import type { TryRequest } from "@/server/contracts/try-it.ts";
import { originOf, type TryAnswer } from "./answer-line.ts";

const bodyMax = 16_384;

/** Sends the requests from this machine to the gateway, as a client from outside does. */
export async function sendOutside(
  input: TryRequest,
  gatewayUrl: string,
  signal: AbortSignal,
  onAnswer: (answer: TryAnswer) => void,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: input.concurrency });
  const gateway = new URL(gatewayUrl);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < input.count && !signal.aborted) {
      const index = next++;
      onAnswer(await sendOne(input, gateway, agent, index, signal));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(input.concurrency, input.count) }, worker));
  } finally {
    agent.destroy();
  }
}

function sendOne(
  input: TryRequest,
  gateway: URL,
  agent: Agent,
  index: number,
  signal: AbortSignal,
): Promise<TryAnswer> {
  const started = performance.now();
  const url = new URL(input.url);
  const headers = input.headers.flatMap(({ name, value }) => [name, value]);
  // The connection goes to the gateway and nowhere else, whatever the address says: its host goes into the header.
  const named = input.headers.some(({ name }) => name.toLowerCase() === "host");
  const host = named || url.host === gateway.host ? [] : ["host", url.host];
  return new Promise((resolve) => {
    const done = (part: Partial<TryAnswer>): void =>
      resolve({
        type: "answer",
        index,
        status: 0,
        latencyMs: Math.round((performance.now() - started) * 10) / 10,
        service: "",
        version: "",
        pod: "",
        headers: [],
        body: "",
        truncated: false,
        error: "",
        ...part,
      });
    const outgoing = request(
      {
        agent,
        hostname: gateway.hostname,
        port: gateway.port === "" ? 80 : gateway.port,
        method: input.method,
        path: `${url.pathname}${url.search}`,
        headers: [
          ...(named ? [] : host.length > 0 ? host : ["host", gateway.host]),
          ...headers,
          ...(input.body === "" ? [] : ["content-length", String(Buffer.byteLength(input.body))]),
        ],
        timeout: input.timeoutMs,
        signal: AbortSignal.any([signal, AbortSignal.timeout(input.timeoutMs)]),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          if (size < bodyMax) {
            chunks.push(chunk);
          }
          size += chunk.length;
        });
        response.on("error", (error) => done({ error: error.message }));
        response.on("end", () => {
          const body = Buffer.concat(chunks).toString("utf8").slice(0, bodyMax);
          const shown = Object.entries(response.headers).map(([name, value]) => ({ name, value: String(value) }));
          done({
            status: response.statusCode ?? 0,
            headers: shown,
            body,
            truncated: size > bodyMax,
            ...originOf(body),
          });
        });
      },
    );
    outgoing.on("error", (error) => done({ error: outgoing.destroyed ? error.message : String(error) }));
    outgoing.end(input.body === "" ? undefined : input.body);
  });
}
