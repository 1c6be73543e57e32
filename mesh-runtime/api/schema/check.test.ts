import { expect, test } from "vitest";
import { gatewayKind } from "../kinds/gateway.ts";
import { httpRouteKind } from "../kinds/httproute.ts";
import { check } from "./check.ts";

const listener = (fields: object) => ({
  spec: { gatewayClassName: "istio", listeners: [{ name: "a", port: 80, protocol: "HTTP", ...fields }] },
});
const texts = (value: object) => check(gatewayKind.schema, value).map(({ field, message }) => `${field}: ${message}`);

test("rules are not run on an object whose schema is broken, and it says so", () => {
  const [first, last] = texts(listener({ port: "80", tls: {} }));
  expect(first).toContain("must be of type integer");
  expect(last).toContain("some validation rules were not checked");
});

test("a text just over its limit is told its form too, one far over it only its length", () => {
  const over = (length: number) => texts(listener({ hostname: "-".repeat(length) })).slice(0, -1);
  expect(over(254)).toHaveLength(2);
  expect(over(100_000)).toEqual(["spec.listeners[0].hostname: Too long: may not be more than 253 bytes"]);
});

test("a long text does not keep the server busy", () => {
  const started = performance.now();
  const long = "a.".repeat(500_000);
  texts(listener({ protocol: long, hostname: long, name: long }));
  check(httpRouteKind.schema, { spec: { hostnames: [long], rules: [{ name: long, timeouts: { request: long } }] } });
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("entries of sets and keys of lists must differ", () => {
  const route = (match: object) => ({ spec: { rules: [{ matches: [match] }] } });
  const header = { name: "a", value: "b" };
  const [error] = check(httpRouteKind.schema, route({ headers: [header, header] }));
  expect(error).toMatchObject({
    reason: "FieldValueDuplicate",
    field: "spec.rules[0].matches[0].headers[1]",
    message: 'Duplicate value: map[string]interface {}{"name":"a"}',
  });
});
