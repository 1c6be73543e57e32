import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Fields } from "../http1/index.ts";
import { AccessLog } from "./access-log.ts";
import { accessLogLine } from "./access-log-line.ts";
import { outcome, replyPlan, request } from "./proxy-fixtures.suite.ts";

const text = { encoding: "TEXT", kind: "waypoint" } as const;

test("the text form is Istio's default format", () => {
  expect(accessLogLine(outcome(), text)).toBe(
    '[2023-11-14T22:13:20.000Z] "GET /users/1234567?q=1 HTTP/1.1" 200 - via_upstream - "-" 1 2 3 - "127.16.1.12" ' +
      '"curl/8" "1-2-3" "httpbin:8000" "127.16.1.11:8080" ' +
      "inbound-vip|8000|http|httpbin.default.svc.cluster.local - 10.0.0.1:8000 127.16.1.12 - -\n",
  );
});

test("the JSON form has Istio's keys", () => {
  const line = accessLogLine(outcome(), { encoding: "JSON", kind: "waypoint" });
  expect(JSON.parse(line)).toMatchObject({
    start_time: "2023-11-14T22:13:20.000Z",
    method: "GET",
    path: "/users/1234567?q=1",
    protocol: "HTTP/1.1",
    response_code: 200,
    response_flags: "-",
    response_code_details: "via_upstream",
    duration: 3,
    upstream_cluster: "inbound-vip|8000|http|httpbin.default.svc.cluster.local",
    upstream_host: "127.16.1.11:8080",
    authority: "httpbin:8000",
    requested_server_name: null,
  });
});

test("a refusal names its policy as Envoy does", () => {
  const refusal = { reason: "denied-by-policy", policy: "default/p", rule: 1, attribute: "", evaluated: [] } as const;
  expect(accessLogLine(outcome({ status: 403, plan: replyPlan({ refusal }), endpoint: undefined }), text)).toContain(
    " 403 - rbac_access_denied_matched_policy[ns[default]-policy[p]-rule[1]] ",
  );
});

test("a caller cannot write lines or columns of its own", () => {
  const fields = new Fields(["user-agent", 'a" "b\n[fake] line\x00\\']);
  const line = accessLogLine(outcome({ request: { ...request, fields } }), text);
  expect(line.indexOf("\n")).toBe(line.length - 1);
  expect(line).toContain('"a\\x22 \\x22b\\x0a[fake] line\\x00\\x5c"');
});

test("lines are written in order; what the reader cannot take is dropped and counted, never waited for", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "access-")), "log");
  const descriptor = openSync(file, "w");
  const log = new AccessLog(descriptor);
  const line = `${"x".repeat(1_023)}\n`;
  for (let index = 0; index < 1_030; index++) {
    log.add(line);
  }
  await log.flushed();
  log.add("last\n");
  await log.flushed();
  closeSync(descriptor);
  const written = readFileSync(file, "utf8").split("\n");
  expect([log.dropped, written.length, written.at(-2)]).toEqual([6, 1_026, "last"]);
});
