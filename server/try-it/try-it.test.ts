import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { type TryRequest, tryRequest } from "@/server/contracts/try-it.ts";
import { LineSplitter, parseAnswerLine, type TryAnswer } from "./answer-line.ts";
import { commandLine } from "./command-line.ts";
import { couldBeOurs } from "./own-refusals.ts";
import { requestCommand } from "./send-from-pod.ts";
import { sendOutside } from "./send-outside.ts";
import { Tally } from "./tally.ts";

const request = (more: Partial<TryRequest> = {}): TryRequest =>
  tryRequest.parse({
    source: { kind: "workload", namespace: "default", workload: "sleep" },
    url: "http://web-api.web-api:8080/a b?c=1",
    ...more,
  });

describe("the command", () => {
  test("passes what was typed as arguments, whatever is in it", () => {
    const command = requestCommand(request({ headers: [{ name: "x-a", value: "$(id); 'b'" }], body: "--url x" }));
    expect(command.slice(0, 2)).toEqual(["towpath-request", "--json"]);
    expect(command).toContain("x-a:$(id); 'b'");
    expect(command[command.indexOf("--body") + 1]).toBe("--url x");
  });

  test("can be pasted into a shell", () => {
    const line = commandLine(request({ headers: [{ name: "x-a", value: "it's $HOME" }] }), "");
    expect(line).toBe(
      `kubectl exec -n default deploy/sleep -- curl -sS -i -H 'x-a: it'\\''s $HOME' 'http://web-api.web-api:8080/a b?c=1'`,
    );
  });

  test("from outside goes to the gateway and names the host", () => {
    const outside = request({ source: { kind: "outside" }, url: "http://istioinaction.io/x" });
    expect(commandLine(outside, "http://127.0.0.1:8080")).toBe(
      "curl -sS -i -H 'Host: istioinaction.io' http://127.0.0.1:8080/x",
    );
  });
});

describe("answers", () => {
  test("are read line by line, however the stream is cut, and other output is left out", () => {
    const answers: (TryAnswer | undefined)[] = [];
    const lines = new LineSplitter((line) => answers.push(parseAnswerLine(line)));
    const text = `warning\n{"n":1,"status":200,"ms":1.5,"version":"v1","body":"é"}\n{"n":2,"status":0,"ms":9,"error":"refused"}\n`;
    for (const byte of Buffer.from(text)) {
      lines.push(Buffer.of(byte));
    }
    expect(answers).toMatchObject([
      undefined,
      { index: 0, status: 200, version: "v1", body: "é", error: "" },
      { index: 1, status: 0, error: "refused" },
    ]);
  });

  test("are added up by status and version", () => {
    const tally = new Tally();
    for (const [status, version] of [
      [200, "v1"],
      [200, "v2"],
      [503, ""],
    ] as const) {
      tally.add({ ...(parseAnswerLine(`{"n":1,"status":${status},"ms":5}`) as TryAnswer), version });
    }
    expect(tally.end([], null, "")).toMatchObject({
      sent: 3,
      byStatus: [
        { status: 200, count: 2 },
        { status: 503, count: 1 },
      ],
      byVersion: [
        { version: "v1", count: 1 },
        { version: "v2", count: 1 },
      ],
      p50Ms: 5,
    });
  });

  test("from outside come from the gateway only, whatever address was typed", async () => {
    const seen: string[] = [];
    const gateway = createServer((incoming, response) => {
      seen.push(`${incoming.method} ${incoming.headers.host} ${incoming.url} ${incoming.headers["x-a"]}`);
      response.end(JSON.stringify({ service: "web-api", version: "v1", pod: "web-api-1" }));
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    const answers: TryAnswer[] = [];
    const input = request({
      source: { kind: "outside" },
      url: "http://169.254.169.254/latest/meta-data",
      headers: [{ name: "x-a", value: "1" }],
      count: 3,
      concurrency: 2,
    });
    await sendOutside(input, url, new AbortController().signal, (answer) => answers.push(answer));
    gateway.close();
    expect(seen).toEqual(Array.from({ length: 3 }, () => "GET 169.254.169.254 /latest/meta-data 1"));
    expect(answers.map(({ status, version }) => `${status} ${version}`)).toEqual(["200 v1", "200 v1", "200 v1"]);
  });
});

describe("a refusal that was told meanwhile", () => {
  const url = "http://httpbin.default:8000/headers?a=1";
  const ours = { service: { namespace: "default", name: "httpbin" }, method: "GET", path: "/headers", answer: 403 };
  test.each([
    ["of the request that was sent", {}, url, true],
    ["of another path", { path: "/ip" }, url, false],
    ["of another method", { method: "POST" }, url, false],
    ["with a status that nobody got", { answer: 429 }, url, false],
    ["of a connection, which has no path", { method: "", path: "", answer: 0 }, url, true],
    ["further on", { service: { namespace: "web-api", name: "web-api" }, path: "/x" }, url, true],
    ["by the short name", {}, "http://httpbin:8000/headers", true],
    ["of a path that the proxy normalized", {}, "http://httpbin.default:8000/a/%2e%2e/headers", true],
  ])("%s", (_, more, address, expected) => {
    const tally = new Tally();
    tally.add({ ...(parseAnswerLine(`{"n":1,"status":403,"ms":5}`) as TryAnswer) });
    expect(couldBeOurs({ ...ours, ...more }, request({ url: address }), tally)).toBe(expected);
  });
});
