import { describe, expect, it } from "vitest";
import { type ActionOffer, type RolloutAction, type RolloutState, rolloutAction } from "@/server/contracts/rollouts.ts";
import { shownOffers } from "./action-looks.ts";

const offers = (...allowed: RolloutAction[]): ActionOffer[] =>
  rolloutAction.options.map((action) => ({
    action,
    allowed: allowed.includes(action),
    because: "",
    title: action,
    effect: "",
    rps: null,
    steps: [],
  }));
const buttons = (state: RolloutState, ...allowed: RolloutAction[]) =>
  shownOffers({ state, actions: offers(...allowed) }).buttons.map(({ action }) => action);

describe("buttons of a release", () => {
  it.each<[RolloutState, RolloutAction[], RolloutAction[]]>([
    ["running", ["abort", "pause", "promote"], ["abort", "pause", "promote"]],
    ["paused", ["abort", "resume", "promote"], ["abort", "resume", "promote"]],
    ["paused", ["abort", "retry"], ["abort", "pause", "retry"]],
    ["completed", ["undo"], ["undo"]],
    ["rolled-back", ["retry"], ["retry"]],
    ["undone", [], []],
  ])("%s with %j shows %j", (state, allowed, shown) => expect(buttons(state, ...allowed)).toEqual(shown));

  it("keep their places while an act is not possible for a moment", () => {
    expect(buttons("running", "abort")).toEqual(["abort", "pause", "promote"]);
  });

  it("every act is either a button or in the menu", () => {
    const { buttons: shown, menu } = shownOffers({ state: "running", actions: offers("abort") });
    expect(new Set([...shown, ...menu].map(({ action }) => action))).toEqual(new Set(rolloutAction.options));
    expect(shown.length + menu.length).toBe(rolloutAction.options.length);
  });
});
