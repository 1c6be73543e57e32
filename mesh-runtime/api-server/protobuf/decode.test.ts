import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeProtobuf } from "./decode.ts";
import { ProtobufError } from "./wire.ts";

const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]);
const field = (number: number, bytes: Buffer | string): Buffer => {
  const value = Buffer.from(bytes);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(value.length)]), value]);
};
const int = (number: number, value: number): Buffer => Buffer.from([...varint(number * 8), ...varint(value)]);
const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);
const envelope = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
  message(Buffer.from("k8s\0", "latin1"), field(1, message(field(1, apiVersion), field(2, kind))), field(2, raw));

describe("protobuf of kubectl", () => {
  test("reads fields, maps, lists, embedded structs, quantities, ports and times; leaves unset ones out", () => {
    const meta = message(
      field(1, "web"),
      field(2, ""),
      int(7, 0),
      field(8, message(int(1, 1_767_225_600))),
      field(11, message(field(1, "app"), field(2, "web"))),
    );
    const probe = message(
      field(1, field(2, message(field(1, "/ready"), field(2, message(int(1, 1), field(3, "http")))))),
      int(3, 0),
    );
    const resources = field(1, message(field(1, "cpu"), field(2, field(1, "100m"))));
    const container = message(
      field(1, "c"),
      field(2, "image"),
      field(4, "a"),
      field(4, "b"),
      field(8, resources),
      field(10, probe),
    );
    const volume = message(field(1, "v"), field(2, field(2, Buffer.alloc(0))));
    const raw = message(field(1, meta), field(2, message(field(1, volume), field(2, container), int(4, 0))));
    expect(decodeProtobuf(envelope("v1", "Pod", raw))).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", creationTimestamp: "2026-01-01T00:00:00Z", labels: { app: "web" } },
      spec: {
        volumes: [{ name: "v", emptyDir: {} }],
        // A pointer: its zero was meant.
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: "c",
            image: "image",
            args: ["a", "b"],
            resources: { limits: { cpu: "100m" } },
            livenessProbe: { httpGet: { path: "/ready", port: "http" } },
          },
        ],
      },
    });
  });

  test("reads bytes as base64", () => {
    const raw = field(2, message(field(1, "a"), field(2, Buffer.from([1, 2]))));
    expect(decodeProtobuf(envelope("v1", "Secret", raw))).toMatchObject({ data: { a: "AQI=" } });
  });

  test.each([
    ["no envelope", Buffer.from("{}")],
    ["a kind that is not read", envelope("v1", "Gadget", Buffer.alloc(0))],
    ["a key of every object", envelope("v1", "toString", Buffer.alloc(0))],
    ["a field cut off", envelope("v1", "ConfigMap", Buffer.from([0x0a, 0x7f]))],
    ["a wrong wire type", envelope("v1", "ConfigMap", int(1, 5))],
    ["groups", envelope("v1", "ConfigMap", Buffer.from([0x0b]))],
  ])("refuses %s", (_name, bytes) => {
    expect(() => decodeProtobuf(bytes)).toThrow(ProtobufError);
  });

  test("whatever the bytes, it refuses or gives an object", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("Pod", "Deployment", "Secret", "TokenReview"),
        fc.uint8Array({ maxLength: 200 }),
        (kind, bytes) => {
          try {
            expect(decodeProtobuf(envelope("v1", kind, Buffer.from(bytes)))).toBeTypeOf("object");
          } catch (error) {
            expect(error).toBeInstanceOf(ProtobufError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
