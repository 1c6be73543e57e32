import { describe, expect, test } from "vitest";
import type { SignedIn } from "@/server/auth/signed-in.ts";
import type { RolloutsFacade } from "@/server/rollouts/facade.ts";
import { eventStream } from "./event-stream.ts";
import { streamsMax } from "./open-streams.ts";
import { streamRollout } from "./routes/rollout-stream.ts";

const address = "http://127.0.0.1/api/v1/rollouts/one/stream";
const personOf = (id: string): SignedIn => ({ id }) as SignedIn;
let watching = 0;
const rollouts = {
  details: async () => ({ state: "running" }),
  subscribe: () => {
    watching++;
    return () => {
      watching--;
    };
  },
} as unknown as RolloutsFacade;

describe("streams", () => {
  test("a person has a limited number of them open, and each that ends makes room", () => {
    const leaving = Array.from({ length: streamsMax }, () => new AbortController());
    for (const { signal } of leaving) {
      streamRollout(rollouts, "one", personOf("ann"), new Request(address, { signal }));
    }
    expect(watching).toBe(streamsMax);
    const another = (id: string): Response =>
      streamRollout(rollouts, "one", personOf(id), new Request(address, { signal: leaving[0]?.signal ?? null }));
    expect(() => another("ann")).toThrow(/You watch 24 releases/);
    expect(() => another("bob")).not.toThrow();
    leaving[1]?.abort();
    expect(() => another("ann")).not.toThrow();
    for (const one of leaving) {
      one.abort();
    }
    expect(watching).toBe(0);
  });

  test("a reader who left before it began leaves nothing behind", async () => {
    let begun = 0;
    const response = eventStream(new Request(address, { signal: AbortSignal.abort() }), () => {
      begun++;
    });
    expect(await response.text()).toBe("");
    expect(begun).toBe(0);
  });
});
