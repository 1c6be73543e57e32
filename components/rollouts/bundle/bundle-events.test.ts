import { expect, it } from "vitest";
import type { RolloutEvent } from "@/server/contracts/rollouts.ts";
import { bundleEvents } from "./bundle-events.ts";

const event = (sequence: number, timeUnixMs: number, text: string): RolloutEvent => ({
  ...{ sequence, timeUnixMs, text, level: "info", kind: "step", actor: null, changeNumber: null },
});
const release = (number: number, name: string, events: RolloutEvent[]) => ({
  ...{ number, events, service: { namespace: name, name }, changes: [] },
});

it("events of several releases are one story: by time, counted anew, each with its service", () => {
  const { events, about } = bundleEvents([
    release(2, "web-api", [event(1, 15, "b"), event(2, 20, "d")]),
    release(1, "catalog", [event(1, 10, "a"), event(2, 20, "c")]),
  ]);
  expect(events.map(({ sequence, text }) => `${sequence} ${text} ${about.get(sequence) ?? ""}`)).toEqual([
    "0 a catalog",
    "1 b web-api",
    "2 c catalog",
    "3 d web-api",
  ]);
});
