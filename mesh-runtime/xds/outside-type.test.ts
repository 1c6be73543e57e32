import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outsideType } from "./codec.ts";
import { OutsideMode, OutsideSchema } from "./gen/outside_pb.js";

const name = fc.stringMatching(/^[a-z0-9.-]{1,40}$/);
const port = fc.integer({ min: 1, max: 65_535 });
const destination = fc.record(
  {
    namespace: name,
    name,
    host: name,
    addresses: fc.array(fc.ipV4()),
    ports: fc.array(port),
    waypoint: fc.record({ namespace: name, hostname: name, port }),
    missingWaypoint: fc.string(),
    visibleTo: fc.array(name),
    createdAtMs: fc.maxSafeNat(),
    endpoints: fc.array(fc.record({ host: name, ports: fc.dictionary(port.map(String), port) })),
  },
  {
    requiredKeys: [
      "namespace",
      "name",
      "host",
      "addresses",
      "ports",
      "missingWaypoint",
      "visibleTo",
      "createdAtMs",
      "endpoints",
    ],
  },
);

describe("destinations outside on the wire", () => {
  it("come back as they went", () => {
    fc.assert(
      fc.property(destination, (value) => {
        const outside = { kind: "destination" as const, destination: value };
        expect(outsideType.decode(outsideType.encode(outside))).toEqual({ value: outside });
      }),
    );
  });

  it.each(["ALLOW_ANY", "REGISTRY_ONLY"] as const)("carry the mode %s", (mode) => {
    const policy = { kind: "policy" as const, mode };
    expect(outsideType.decode(outsideType.encode(policy))).toEqual({ value: policy });
  });

  it.each([
    ["nothing", {}],
    ["no mode", { type: { case: "policy" as const, value: { mode: OutsideMode.UNSPECIFIED } } }],
    ["a mode of later", { type: { case: "policy" as const, value: { mode: 9 as OutsideMode } } }],
    ["no host", { type: { case: "destination" as const, value: { namespace: "a", name: "b" } } }],
    [
      "a waypoint without a name",
      { type: { case: "destination" as const, value: { namespace: "a", name: "b", host: "c", waypoint: {} } } },
    ],
  ])("are refused with %s", (_, message) => {
    expect(outsideType.decode(toBinary(OutsideSchema, create(OutsideSchema, message)))).toHaveProperty("error");
  });
});
