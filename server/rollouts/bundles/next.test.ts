import { describe, expect, test } from "vitest";
import type { RolloutState } from "@/server/contracts/rollouts.ts";
import { nextOf } from "./next.ts";

const members = (...states: RolloutState[]) =>
  states.map((state, index) => ({ id: `r${index}`, number: index + 1, state }));
const bundle = (more: object = {}) => ({ state: "running", abortTogether: true, order: "in-order", ...more });

describe("a bundle", () => {
  test("runs until all of it has completed", () => {
    expect(nextOf(bundle(), members("completed", "running"))).toMatchObject({ state: "running", orders: [] });
    expect(nextOf(bundle(), members("completed", "completed"))).toMatchObject({ state: "completed", orders: [] });
  });

  test("goes back as a whole when one of it went back: what runs, what waits, what completed", () => {
    const { state, orders, because } = nextOf(
      bundle(),
      members("completed", "rolled-back", "paused", "queued", "rolling-back"),
    );
    expect(state).toBe("rolling-back");
    expect(orders).toEqual([
      { id: "r0", command: "undo" },
      { id: "r2", command: "abort" },
      { id: "r3", command: "abort" },
    ]);
    expect(because).toBe(" because release 2 went back");
    expect(nextOf(bundle({ state: "rolling-back" }), members("undone", "rolled-back")).state).toBe("rolled-back");
  });

  test("ends as failed when one of it completed and was not to be undone", () => {
    const overtaken = members("completed", "rolled-back").map((one) => ({
      ...one,
      stays: one.state === "completed",
    }));
    expect(nextOf(bundle({ state: "rolling-back" }), overtaken)).toMatchObject({ state: "failed", orders: [] });
    const waits = [...overtaken, ...members("rolling-back")];
    expect(nextOf(bundle(), waits)).toMatchObject({ state: "rolling-back", orders: [] });
  });

  test("each for itself: the others go on, and what comes after a lost one in order never begins", () => {
    const alone = { abortTogether: false };
    expect(nextOf(bundle({ ...alone, order: "together" }), members("rolled-back", "running"))).toMatchObject({
      state: "running",
      orders: [],
    });
    expect(nextOf(bundle(alone), members("rolled-back", "queued")).orders).toEqual([{ id: "r1", command: "abort" }]);
    expect(nextOf(bundle(alone), members("completed", "rolled-back"))).toMatchObject({ state: "failed", orders: [] });
  });
});
