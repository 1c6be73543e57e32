import { describe, expect, it } from "vitest";
import type { RolloutState, RolloutSummary } from "@/server/contracts/rollouts.ts";
import { byActivity } from "../words/rollout-words.ts";
import { servicesOf, usedServices } from "./list-filter.ts";

const summary = (number: number, state: RolloutState, name = "web-api"): RolloutSummary => ({
  id: String(number),
  number,
  service: { namespace: "web-api", name },
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
  startedBy: { id: "1", name: "Mira", initials: "MI" },
  reason: "",
  createdUnixMs: 0,
  startedUnixMs: null,
  finishedUnixMs: null,
  canaryRequests: 0,
  canaryErrors: 0,
  bundle: null,
  queuePlace: 0,
});

describe("the service of the address", () => {
  it.each(["", "web-api", "web-api/", "a/b/c", "Web/Api", null])("%s is none", (text) =>
    expect(servicesOf(text)).toBeNull(),
  );

  it("is read as it is written", () => {
    expect(servicesOf("web-api/web-api")).toEqual({ namespace: "web-api", name: "web-api" });
  });

  it("stays among the choices when no release of it is left", () => {
    const chosen = { namespace: "default", name: "sleep" };
    expect(usedServices([summary(1, "running"), summary(2, "failed")], chosen)).toEqual([
      chosen,
      { namespace: "web-api", name: "web-api" },
    ]);
  });
});

describe("order", () => {
  it("what moves comes first, then what waits, then what is over; newest first in each", () => {
    const states: RolloutState[] = ["completed", "queued", "paused", "rolled-back", "running", "preparing"];
    const sorted = states.map((state, at) => summary(at + 1, state)).sort(byActivity);
    expect(sorted.map(({ state }) => state)).toEqual([
      "preparing",
      "running",
      "paused",
      "queued",
      "rolled-back",
      "completed",
    ]);
  });
});
