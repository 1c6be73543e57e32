import { expect, test } from "vitest";
import { CopyRecorder } from "./copy-recorder.ts";

const of = { service: "shop.default.svc.cluster.local", serviceNamespace: "default" };
const to = { service: "shop-v2.default.svc.cluster.local", serviceNamespace: "default" };
const ended = {
  of: "default/shop.default.svc.cluster.local",
  to,
  responseCode: 200,
  responseFlags: "-",
  grpcStatus: -1,
  durationMs: 7,
} as const;

test("copies that were answered alike are one delta, with their durations; nothing is told twice", () => {
  const copies = new CopyRecorder(() => 0);
  copies.ended(ended);
  copies.ended({ ...ended, durationMs: 30 });
  copies.ended({ ...ended, responseCode: 0, responseFlags: "UC" });
  copies.ended({ ...ended, grpcStatus: 13 });
  const deltas = copies.take();
  expect(deltas).toMatchObject([
    { of, to, responseCode: 200, responseFlags: "-", count: 2, durationSumMs: 37 },
    { responseCode: 0, responseFlags: "UC", count: 1 },
    { responseCode: 200, grpcStatus: 13, count: 1 },
  ]);
  expect(deltas[0]?.durationBuckets.reduce((sum, count) => sum + count)).toBe(2);
  expect(deltas[0]).not.toHaveProperty("grpcStatus");
  expect(copies.take()).toEqual([]);
});

test("what another thread counted is added up", () => {
  const [main, other] = [new CopyRecorder(() => 0), new CopyRecorder(() => 0)];
  main.ended(ended);
  other.ended(ended);
  other.ended({ ...ended, grpcStatus: 0 });
  for (const delta of other.take()) {
    main.absorb(delta);
  }
  expect(main.take()).toMatchObject([
    { count: 2, durationSumMs: 14 },
    { count: 1, grpcStatus: 0 },
  ]);
});

test("what was idle for an hour makes room", () => {
  let now = 0;
  const copies = new CopyRecorder(() => now);
  copies.ended(ended);
  copies.take();
  now = 3_600_001;
  copies.take();
  expect(copies.series.size).toBe(0);
});
