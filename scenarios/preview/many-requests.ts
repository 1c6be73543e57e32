/**
 * Sends many requests from inside a pod through its agent, over a few connections, and prints their statuses as one JSON
 * array; 0 for no answer. Argument: `[[method, url, {header: value}], …]` as JSON.
 */
import { Agent, request } from "node:http";

type Wanted = readonly [method: string, url: string, headers: Readonly<Record<string, string>>];

const wanted = JSON.parse(process.argv[2] ?? "[]") as readonly Wanted[];
const proxy = new URL(process.env["HTTP_PROXY"] ?? "");
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const timeoutMs = 10_000;

const send = ([method, url, headers]: Wanted): Promise<number> =>
  new Promise((resolve) => {
    const sent = request(
      {
        host: proxy.hostname,
        port: proxy.port,
        method,
        path: url,
        headers: { ...headers, host: new URL(url).host },
        agent,
        timeout: timeoutMs,
      },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
        answer.on("error", () => resolve(0));
      },
    );
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(0));
    sent.end();
  });

const statuses = await Promise.all(wanted.map(send));
agent.destroy();
console.log(JSON.stringify(statuses));
