import { expect, test } from "vitest";
import type { End } from "./use-try.ts";
import { whoAnswered } from "./who-answered.ts";

const answer = { service: "", status: 403, headers: [], error: "" };
const denial = (enforcer: string, status: number): End["denials"][number] => ({
  groupId: enforcer,
  sentence: "",
  count: 1,
  reasonTitle: "",
  enforcer,
  answer: status,
  expected: [],
  was: "",
  nextStep: "",
});
const end = (...denials: End["denials"]): End => ({
  type: "end",
  sent: 1,
  byStatus: [],
  byVersion: [],
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  denials,
  behind: null,
  error: "",
});

test("a service that names itself answered", () => {
  expect(whoAnswered({ ...answer, service: "httpbin" }, end(denial("waypoint default/waypoint", 403)))).toBe("httpbin");
});

test("a refusal with the same status names its proxy, one with another does not", () => {
  expect(whoAnswered(answer, end(denial("waypoint default/waypoint", 403)))).toBe("waypoint default/waypoint");
  expect(whoAnswered(answer, end(denial("agent", 0)))).toBe("");
});

test("of two proxies that refused with it none is named", () => {
  expect(whoAnswered(answer, end(denial("waypoint a/b", 403), denial("gateway c/d", 403)))).toBe("");
});

test("a proxy's own answer is told by its server header", () => {
  expect(whoAnswered({ ...answer, status: 503, headers: [{ name: "server", value: "towpath" }] }, null)).toBe(
    "a proxy on the way",
  );
});
