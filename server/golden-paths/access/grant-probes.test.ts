import { describe, expect, test } from "vitest";
import type { Intent } from "../intent.ts";
import { type Around, filled } from "./filled-in.suite.ts";
import { block, caller, header, headersOnly, httpbin, rule, signIn, sleep, waypoint } from "./sample-intents.suite.ts";

const allow = { service: httpbin, callers: [sleep], ports: [8000] };
const some = { ...allow, requests: [headersOnly] };
const letIn = (values: object, around: Around = {}) => filled("let-a-caller-in", { ...allow, ...values }, around);
/** With its waypoint there. */
const behind = (around: Around = {}): Around => ({
  ...around,
  sample: { waypoint: "default", ...around.sample },
  intents: [waypoint("default"), ...(around.intents ?? [])],
});

describe("requests that prove it", () => {
  const sentences = (values: object, around: Around = behind()): string[] =>
    letIn(values, around).probes.map(({ sentence }) => sentence);

  test("one that gets in, and the nearest ones that do not", () => {
    expect(sentences(some)).toEqual([
      "as sleep: GET /headers with x-test-me to httpbin gets in",
      "as sleep: GET /headers without x-test-me to httpbin is refused",
      "as sleep: GET /towpath-probe with x-test-me to httpbin is refused",
      "as sleep: HEAD /headers with x-test-me to httpbin is refused",
    ]);
    expect(letIn(some, behind()).probes[0]).toMatchObject({
      source: { kind: "workload", namespace: "default", workload: "sleep" },
      url: "http://httpbin.default:8000/headers",
      headers: [{ name: "x-test-me", value: "1" }],
      expect: { kind: "reaches" },
    });
  });

  test("with a header that must not be there", () => {
    expect(sentences({ requests: [rule({ paths: ["/users/*"], headers: [header("x-debug", "absent")] })] })).toEqual([
      "as sleep: GET /users/ to httpbin gets in",
      "as sleep: GET /users/ with x-debug to httpbin is refused",
      "as sleep: GET /towpath-probe to httpbin is refused",
    ]);
  });

  test("at a path that was seen", () => {
    const traffic = { paths: () => [{ method: "GET", path: "/users/7", requests: 3, errors: 0, p99Ms: 1 }] };
    expect(sentences({ requests: [rule({ paths: ["/users/*"] })] }, { ...behind(), traffic })[0]).toBe(
      "as sleep: GET /users/7 to httpbin gets in",
    );
  });

  test.each<[string, object, Intent[]]>([
    ["with effects", { requests: [rule({ methods: ["POST", "DELETE"] })] }, []],
    ["whose answer depends on a token", some, [signIn()]],
    ["that a block refuses", {}, [block()]],
    ["as a caller that does not run", { callers: [caller("default", "nobody")] }, []],
    ["as anyone", { callers: [{ kind: "anyone" }] }, []],
    ["for what is taken back", { allowed: false }, []],
  ])("none %s", (_what, values, intents) => {
    expect(sentences(values, behind({ intents }))).toEqual([]);
  });
});
