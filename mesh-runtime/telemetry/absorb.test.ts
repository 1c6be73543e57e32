import { expect, test } from "vitest";
import type { EdgeLabels, ProxyStatus } from "../api/telemetry.ts";
import { prometheusText } from "./prometheus-text.ts";
import { Recorder } from "./recorder.ts";

const labels = { reporter: "waypoint", source_workload: "a", destination_workload: "b" } as unknown as EdgeLabels;
const recorder = (): Recorder =>
  new Recorder({ proxy: "p", node: "n", status: () => ({}) as ProxyStatus, now: () => 1_000, sampling: 1 });

const request = {
  method: "GET",
  path: "/users/42",
  destinationPort: 80,
  responseCode: 200,
  responseFlags: "-",
  decision: "allowed",
  durationMs: 7,
  requestBytes: 100,
  responseBytes: 900,
  grpcStatus: 0,
  requestMessages: 1,
  responseMessages: 2,
} as const;

const fill = (target: Recorder): void => {
  const edge = target.edge({ ...labels });
  edge.request(request);
  edge.request({ ...request, responseCode: 503, responseFlags: "UF", grpcStatus: 14 });
  edge.connectionOpened(80);
  edge.bytes(10, 20);
  target.denied({ labels, reason: "denied-by-policy", policy: "a/b" } as never);
  target.shadow({ labels, policy: "a/c" } as never);
};

test("two threads that each record half say together what one that recorded all says", () => {
  const [alone, main, other] = [recorder(), recorder(), recorder()];
  for (let index = 0; index < 6; index++) {
    fill(alone);
    fill(index % 2 === 0 ? main : other);
    if (index === 3) {
      main.absorb(structuredClone(other.take()));
    }
  }
  main.absorb(structuredClone(other.take()));
  const [expected, merged] = [alone.take(), main.take()];
  expect(merged).toEqual(expected);
  const build = { component: "proxy", version: "1" };
  expect(prometheusText(main.edges.values(), build)).toBe(prometheusText(alone.edges.values(), build));
});
