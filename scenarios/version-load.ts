/**
 * Calls a service from inside a pod on a few kept connections and notes which version answered, and when. Prints one JSON
 * object: `{answers: [[milliseconds since the epoch, status, version], …]}`; status 0 stands for no answer.
 *
 * `node version-load.ts --url http://host:port/ [--header "name: value"] [--connections 4] [--pause-ms 0] (--count 600 | --seconds 10)`
 */
import { Agent, get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "" },
    header: { type: "string", multiple: true, default: [] },
    connections: { type: "string", default: "4" },
    "pause-ms": { type: "string", default: "0" },
    count: { type: "string", default: "0" },
    seconds: { type: "string", default: "0" },
  },
});
const url = new URL(values.url);
const proxy = new URL(process.env["HTTP_PROXY"] ?? url.href);
const headers = Object.fromEntries(
  values.header.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
);
const agent = new Agent({ keepAlive: true, maxSockets: Number(values.connections) });
const answers: (readonly [number, number, string])[] = [];
const now = (): number => performance.timeOrigin + performance.now();

function ask(): Promise<readonly [number, number, string]> {
  return new Promise((resolve) => {
    const request = get(
      {
        ...{ agent, host: proxy.hostname, port: proxy.port, path: url.href, timeout: 20_000 },
        headers: { ...headers, host: url.host },
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () =>
          resolve([now(), response.statusCode ?? 0, /"version":\s*"([^"]*)"/.exec(body)?.[1] ?? ""]),
        );
        response.on("error", (error) => resolve([now(), 0, error.message]));
      },
    );
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", (error) => resolve([now(), 0, error.message]));
  });
}

const count = Number(values.count);
const endMs = performance.now() + Number(values.seconds) * 1_000;
let asked = 0;
const more = (): boolean => (count > 0 ? asked < count : performance.now() < endMs);
await Promise.all(
  Array.from({ length: Number(values.connections) }, async () => {
    while (more()) {
      asked++;
      answers.push(await ask());
      if (values["pause-ms"] !== "0") {
        await pause(Number(values["pause-ms"]));
      }
    }
  }),
);
agent.destroy();
console.log(JSON.stringify({ answers }));
