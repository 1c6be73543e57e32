import { expect, test } from "vitest";
import { SeenNames } from "./seen-names.ts";

const httpbin = "default/httpbin.default.svc.cluster.local";
const token = { principal: "i/ada", audiences: [], presenter: "", claims: { iss: "https://i", groups: ["staff"] } };

const clock = (): { now: number; names: SeenNames } => {
  const at = { now: 0, names: undefined as unknown as SeenNames };
  at.names = new SeenNames(() => at.now);
  return at;
};
const told = (names: SeenNames): string[] =>
  names
    .take()
    .map(
      ({ serviceNamespace, service, kind, name, count }) => `${serviceNamespace}/${service} ${kind} ${name} ${count}`,
    );

test("names of headers, claims and issuers are counted once a request, values never", () => {
  const { names } = clock();
  names.observe(httpbin, ["X-Test-Me", "secret", "x-test-me", "again", "accept", "*/*"], token);
  names.observe(httpbin, ["accept", "*/*", "x-request-id", "made-by-the-mesh"], undefined);
  expect(told(names)).toEqual([
    "default/httpbin requests  2",
    "default/httpbin header x-test-me 1",
    "default/httpbin header accept 2",
    "default/httpbin claim iss 1",
    "default/httpbin claim groups 1",
    "default/httpbin issuer https://i 1",
  ]);
  expect(told(names)).toEqual([]);
});

test("a service keeps at most 64 names of a push, however many a caller makes up", () => {
  const { names } = clock();
  for (let index = 0; index < 1_000; index++) {
    names.observe(httpbin, [`x-${index}`, ""], undefined);
  }
  expect(names.take().filter(({ kind }) => kind === "header")).toHaveLength(64);
  names.observe(httpbin, ["accept", "", "x".repeat(300), ""], undefined);
  expect(told(names)).toContain("default/httpbin header accept 1");
});

test("every request of a service's first minute is looked at, later one in sixteen", () => {
  const at = clock();
  const looked = (): number => Array.from({ length: 160 }, () => at.names.wants()).filter(Boolean).length;
  expect(looked()).toBe(160);
  at.now = 61_000;
  at.names.take();
  expect(looked()).toBe(10);
  at.names.observe("default/new.default.svc.cluster.local", [], undefined);
  expect(looked()).toBe(160);
});

test("two threads say together what one would have said", () => {
  const [alone, main, other] = [clock().names, clock().names, clock().names];
  for (const target of [main, other, alone, alone]) {
    target.observe(httpbin, ["accept", ""], token);
  }
  for (const name of structuredClone(other.take())) {
    main.absorb(name);
  }
  expect(told(main)).toEqual(told(alone));
});
