import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readServiceEntry } from "../input/service-entry.ts";
import { virtualAddresses } from "./virtual-addresses.ts";

const entry = (name: string, spec: object = {}, status: object = {}, labels: object = {}, creationTimestamp = "") =>
  readServiceEntry({
    metadata: { name, namespace: "ns", labels, creationTimestamp },
    spec: { hosts: [`${name}.example`], resolution: "DNS", ...spec },
    status,
  });
const of = (...entries: readonly ReturnType<typeof entry>[]) =>
  virtualAddresses(new Map(entries.map((one) => [`ns/${one.name}`, one])));
const first = (key: string, result: ReturnType<typeof of>) => result.get(key)?.[0]?.value;

describe("virtual addresses of ServiceEntries", () => {
  it("are two for each host", () => {
    expect(of(entry("a", { hosts: ["a.example", "b.example"] })).get("ns/a")).toEqual([
      { value: "240.240.0.1", host: "a.example" },
      { value: "2001:2::1", host: "a.example" },
      { value: "240.240.0.2", host: "b.example" },
      { value: "2001:2::2", host: "b.example" },
    ]);
  });

  it("stay what the status says, and are never given twice", () => {
    const kept = entry("b", {}, { addresses: [{ value: "240.240.0.1", host: "b.example" }] });
    const result = of(entry("a"), kept);
    expect([first("ns/a", result), first("ns/b", result)]).toEqual(["240.240.0.2", "240.240.0.1"]);
  });

  it("go to older entries first, so that a new one takes none away before a status tells them", () => {
    const result = of(
      entry("new", {}, {}, {}, "2026-02-01T00:00:00Z"),
      entry("old", {}, {}, {}, "2026-01-01T00:00:00Z"),
    );
    expect(first("ns/old", result)).toBe("240.240.0.1");
  });

  it.each<[string, object, object]>([
    ["without resolution", { resolution: "NONE" }, {}],
    ["with addresses of their own", { addresses: ["10.1.1.1"] }, {}],
    ["with a wildcard", { hosts: ["*.example"] }, {}],
    ["that want none", {}, { "networking.istio.io/enable-autoallocate-ip": "false" }],
  ])("are not given to entries %s", (_, spec, labels) => {
    expect(of(entry("a", spec, {}, labels)).get("ns/a")).toBeUndefined();
  });

  it("are different for all hosts, whatever statuses claim", () => {
    const address = fc.oneof(
      fc.integer({ min: 0, max: 4 }).map((index) => `240.240.0.${index}`),
      fc.string(),
    );
    const claims = fc.array(
      fc.record({ value: address, host: fc.constantFrom("a.example", "b.example", "c.example") }),
    );
    fc.assert(
      fc.property(fc.tuple(claims, claims, claims), (statuses) => {
        const entries = ["a", "b", "c"].map((name, index) => entry(name, {}, { addresses: statuses[index] }));
        const values = [...of(...entries).values()].flat().map(({ value }) => value);
        expect(values).toHaveLength(6);
        expect(new Set(values).size).toBe(6);
      }),
    );
  });
});
