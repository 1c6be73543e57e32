import { describe, expect, it } from "vitest";
import type { RolloutState, RolloutSummary } from "@/server/contracts/rollouts.ts";
import { waitsFor } from "./waiting-words.ts";

const service = (name: string) => ({ namespace: name, name });
const release = (number: number, of: string, state: RolloutState): RolloutSummary => ({
  id: `release-${number}`,
  number,
  service: service(of),
  kind: "progressive",
  stable: "v1",
  canary: "v2",
  state,
  revision: 1,
  hold: null,
  headline: "",
  weight: 0,
  step: 0,
  steps: 1,
  startedBy: { id: "dana", name: "Dana", initials: "D" },
  reason: "",
  createdUnixMs: 0,
  startedUnixMs: null,
  finishedUnixMs: null,
  canaryRequests: 0,
  canaryErrors: 0,
  bundle: null,
  queuePlace: 0,
});
const own = { ...release(12, "web-api", "queued"), queuePlace: 1 };
const first = release(11, "catalog", "running");
const inOrder = { order: "in-order" as const, rollouts: [first, own] };

describe("what a release that has not begun waits for", () => {
  it("in a bundle that goes in order is the release before it, though nothing of its service runs", () => {
    const waits = waitsFor(own, [first, own], inOrder);
    expect(waits.title).toBe("It waits for release 11 of its bundle");
    expect(waits.next).toContain("v2 of catalog comes first");
    expect(waits.release?.id).toBe("release-11");
  });

  it("is the nearest of several that has not completed", () => {
    const rollouts = [
      release(9, "shop", "completed"),
      release(10, "catalog", "running"),
      release(11, "cart", "queued"),
      own,
    ];
    expect(waitsFor(own, [], { ...inOrder, rollouts }).release?.number).toBe(11);
    expect(waitsFor(own, [], { order: "together", rollouts }).title).toBe("It is 1st in the queue");
  });

  it("is the release of its service that runs, in a bundle or not", () => {
    const runs = release(7, "web-api", "paused");
    for (const bundle of [undefined, inOrder]) {
      expect(waitsFor(own, [runs, own], bundle)).toMatchObject({
        title: "It is 1st in the queue",
        next: "Release 7 of web-api runs; this one begins by itself when that one has ended.",
        release: { number: 7 },
      });
    }
  });

  it("is its turn, and names no release, as long as none is known to run", () => {
    const waits = waitsFor(own, undefined, undefined);
    expect(waits.next).toBe("It begins by itself when no other release of web-api runs.");
    expect(waits.release).toBeNull();
  });
});
