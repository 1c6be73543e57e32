/** Cases of Gateway API's conformance suite (HTTPRouteCORS) and Istio's `corsPolicy`. */
import { describe, expect, test } from "vitest";
import type { L7Cors, L7StringMatch } from "../../../xds/proxy-config.ts";
import { type Asked, forwarded, replied, replyField, rig, route, rule, service } from "../planner-rig.suite.ts";

const origin = (value: string, type: L7StringMatch["type"] = "Exact"): L7StringMatch => ({
  type,
  value,
  ignoreCase: false,
});
const policy = (more: Partial<L7Cors>): L7Cors => ({
  allowOrigins: [],
  allowMethods: [],
  allowHeaders: [],
  exposeHeaders: [],
  maxAge: 0,
  allowCredentials: false,
  ...more,
});
const listed = policy({
  allowOrigins: [origin("https://www.foo.com"), origin("https://*.bar.com")],
  allowMethods: ["GET", "OPTIONS"],
  allowHeaders: ["x-header-1", "x-header-2"],
  exposeHeaders: ["x-header-3", "x-header-4"],
  allowCredentials: true,
  maxAge: 3600,
});
const ask = (cors: L7Cors, asked: Asked) =>
  rig(service({ routes: [route("ns/r", [rule("r", { filters: [{ kind: "cors", cors }] })])] })).now(asked);
const preflight = (from: string, more: Record<string, string> = {}): Asked => ({
  method: "OPTIONS",
  headers: { Origin: from, "access-control-request-method": "PUT", ...more },
});

describe("preflights", () => {
  test.each(["https://www.foo.com", "https://www.bar.com", "https://xpto.www.bar.com"])("%s is allowed", (from) => {
    const plan = ask(listed, preflight(from, { "access-control-request-headers": "x-header-1, x-header-2" }));
    expect(replied(plan).reply.status).toBe(200);
    expect(Object.fromEntries(chunk(replied(plan).reply.fields ?? []))).toEqual({
      "access-control-allow-origin": from,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "x-header-3, x-header-4",
      "access-control-allow-methods": "GET, OPTIONS",
      "access-control-allow-headers": "x-header-1, x-header-2",
      "access-control-max-age": "3600",
      vary: "origin",
    });
  });

  test.each([
    "https://foobar.com",
    "http://www.foo.com",
    "https://bar.com",
    "https://.bar.com",
    "https://evil.com/.bar.com",
    "https://www.foo.com.evil.com",
    "null",
  ])("%s goes to the service without permission", (from) => {
    const plan = ask(listed, preflight(from));
    expect(forwarded(plan).responseEdits).toEqual([]);
  });

  test("stars with credentials echo what was asked for", () => {
    const cors = policy({
      allowOrigins: [origin("*")],
      allowMethods: ["*"],
      allowHeaders: ["*"],
      allowCredentials: true,
    });
    const plan = ask(cors, preflight("https://other.foo.com:12345", { "access-control-request-headers": "x-a, x-b" }));
    expect(replyField(plan, "access-control-allow-origin")).toEqual(["https://other.foo.com:12345"]);
    expect(replyField(plan, "access-control-allow-methods")).toEqual(["PUT"]);
    expect(replyField(plan, "access-control-allow-headers")).toEqual(["x-a, x-b"]);
    expect(replyField(plan, "access-control-allow-credentials")).toEqual(["true"]);
  });

  test("without credentials none are spoken of", () => {
    const plan = ask(policy({ allowOrigins: [origin("*")], allowMethods: ["PUT"] }), preflight("https://foobar.com"));
    expect(replyField(plan, "access-control-allow-credentials")).toEqual([]);
    expect(replyField(plan, "access-control-allow-methods")).toEqual(["PUT"]);
  });

  test("origins by expression (Istio)", () => {
    const cors = policy({ allowOrigins: [origin("https://[a-z]+\\.test", "RegularExpression")] });
    expect(ask(cors, preflight("https://a.test")).kind).toBe("reply");
    expect(ask(cors, preflight("https://a.b.test")).kind).toBe("forward");
  });

  test("OPTIONS without what makes a preflight is an ordinary request", () => {
    expect(ask(listed, { method: "OPTIONS", headers: { origin: "https://www.foo.com" } }).kind).toBe("forward");
  });
});

test("an actual request is told its permission, whatever the service says of it", () => {
  const plan = ask(listed, { headers: { origin: "https://www.bar.com" } });
  expect(forwarded(plan).responseEdits).toEqual([
    {
      set: [
        { name: "access-control-allow-origin", value: "https://www.bar.com" },
        { name: "access-control-allow-credentials", value: "true" },
        { name: "access-control-expose-headers", value: "x-header-3, x-header-4" },
      ],
      add: [{ name: "vary", value: "origin" }],
      remove: [],
    },
  ]);
});

test("another origin, and none, are told nothing", () => {
  expect(forwarded(ask(listed, { headers: { origin: "https://foobar.com" } })).responseEdits).toEqual([]);
  expect(forwarded(ask(listed, {})).responseEdits).toEqual([]);
});

const chunk = (list: readonly string[]): [string, string][] =>
  list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? ""] as [string, string]] : []));
