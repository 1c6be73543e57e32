import { expect, test } from "vitest";
import { Fields } from "../http1/index.ts";
import { continueTrace, isRequestId, isTraceparent, newRequestId, traceIdOf } from "./trace-context.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const span = "00f067aa0ba902b7";
const traced = { enabled: true, sampling: 0.5 };
const untraced = { enabled: false, sampling: 1 };
const go = (list: string[], tracing = traced, random = 0.9) => {
  const fields = new Fields(list);
  return { trace: continueTrace(fields, tracing, () => random), fields };
};

test.each([
  [`00-${trace}-${span}-01`, true],
  [`cc-${trace}-${span}-01-extra`, true],
  [`ff-${trace}-${span}-01`, false],
  [`00-${"0".repeat(32)}-${span}-01`, false],
  [`00-${trace}-${"0".repeat(16)}-01`, false],
  [`00-${trace.toUpperCase()}-${span}-01`, false],
  [`00-${trace}-${span}`, false],
  ["", false],
])("%s is a traceparent: %s", (value, valid) => {
  expect(isTraceparent(value)).toBe(valid);
});

test("a trace begins where there is none, sampled by share", () => {
  const { trace: made, fields } = go([], traced, 0.4);
  expect(made).toMatchObject({ parentSpanId: "", sampled: true });
  expect(fields.get("traceparent")).toBe(`00-${made.traceId}-${made.spanId}-01`);
  expect(go([], traced, 0.6).trace.sampled).toBe(false);
  expect(go([], untraced, 0).trace.sampled).toBe(false);
  expect(new Set(Array.from({ length: 600 }, () => go([]).trace.traceId)).size).toBe(600);
});

test("a given trace goes on with our span as the parent, and keeps its sampling", () => {
  const { trace: ours, fields } = go(["Traceparent", `00-${trace}-${span}-01`, "tracestate", "a=b"]);
  expect(ours).toMatchObject({ traceId: trace, parentSpanId: span, sampled: true });
  expect(ours.spanId).not.toBe(span);
  expect(fields.list).toEqual(["tracestate", "a=b", "traceparent", `00-${trace}-${ours.spanId}-01`]);
  expect(go(["traceparent", `00-${trace}-${span}-00`], traced, 0).trace.sampled).toBe(false);
});

test("without tracing a given trace passes unchanged", () => {
  const { trace: ours, fields } = go(["traceparent", `00-${trace}-${span}-01`], untraced);
  expect(ours).toEqual({ traceId: trace, parentSpanId: span, spanId: span, sampled: false });
  expect(fields.list).toEqual(["traceparent", `00-${trace}-${span}-01`]);
});

test("what is no traceparent is replaced, with the state that belonged to it", () => {
  const { trace: ours, fields } = go(["traceparent", "00-x", "tracestate", "a=b", "traceparent", "00-y"]);
  expect(fields.list).toEqual(["traceparent", `00-${ours.traceId}-${ours.spanId}-00`]);
});

test.each([
  ["one field", ["b3", `${trace}-${span}-1`]],
  ["one field with a parent", ["B3", `${trace}-${span}-d-${span}`]],
  ["several fields", ["X-B3-TraceId", trace, "x-b3-spanid", span, "X-B3-Sampled", "1"]],
])("B3 in %s goes on, and as traceparent too", (_name, list) => {
  const { trace: ours, fields } = go(list);
  expect(ours).toMatchObject({ traceId: trace, parentSpanId: span, sampled: true });
  expect(fields.get("traceparent")).toBe(`00-${trace}-${ours.spanId}-01`);
  if (fields.has("b3")) {
    expect(fields.get("b3")).toBe(`${trace}-${ours.spanId}-1-${span}`);
  } else {
    expect([fields.get("x-b3-spanid"), fields.get("x-b3-parentspanid")]).toEqual([ours.spanId, span]);
  }
});

test.each([
  ["one field", ["b3", "0"]],
  ["several fields", ["X-B3-Sampled", "0"]],
])("a denial of B3 in %s is kept, and no trace that begins here is sampled beside it", (_name, list) => {
  const { trace: ours, fields } = go([...list], { enabled: true, sampling: 1 }, 0);
  expect(ours).toMatchObject({ parentSpanId: "", sampled: false });
  expect(fields.list).toEqual([...list, "traceparent", `00-${ours.traceId}-${ours.spanId}-00`]);
});

test("64-bit traces of B3 are filled up, zeros are none", () => {
  expect(go(["b3", `${span}-${span}`]).trace.traceId).toBe(`${"0".repeat(16)}${span}`);
  expect(go(["b3", `${"0".repeat(32)}-${span}-1`]).trace.parentSpanId).toBe("");
});

test("request ids: ours are made, harmless ones are kept", () => {
  expect(newRequestId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(["abc-1.2:3_4", "a b", "", "x".repeat(129), "a\r\nb"].map(isRequestId)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(traceIdOf(`00-${trace}-${span}-01`)).toBe(trace);
});
