import { describe, expect, it } from "vitest";
import { holdReason } from "@/server/contracts/rollouts.ts";
import { type Held, holdText } from "./hold-words.ts";

const now = 1_000_000;
const minute = 60_000;
const held = (more: Partial<Held>): Held => ({
  hold: "gate",
  stable: "v1",
  canary: "v2",
  holding: { words: "", againUnixMs: null, act: null },
  gateEnds: null,
  drift: [],
  ...more,
});
const said = (more: Partial<Held>): string => {
  const text = holdText(held(more), now);
  return text === null ? "" : `${text.title}. ${text.next}`.replaceAll("\u00a0", " ");
};
const ends = (does: "roll-back" | "promote", inMs: number | null) =>
  ({ gateEnds: { does, atUnixMs: inMs === null ? null : now + inMs, leftMs: inMs ?? 8 * minute } }) as const;

describe("what holds a release", () => {
  it.each(holdReason.options)("%s says what comes next", (hold) => {
    expect(said({ hold }).length).toBeGreaterThan(40);
  });

  it("nothing, nothing is said", () => expect(said({ hold: null })).toBe(""));

  it.each<[Partial<Held>, RegExp]>([
    [ends("roll-back", 8 * minute), /until then\. If nobody decides, it goes back by itself in 8 min\.$/],
    [ends("promote", 40_000), /If nobody decides, it goes on by itself in 40 s\.$/],
    [ends("roll-back", 0), /goes back by itself now\.$/],
    [
      { hold: "person", ...ends("roll-back", null) },
      /Resume goes on where it stopped\. The clock of its gate stands: 8 min are left then\.$/,
    ],
    [{ hold: "freeze", ...ends("roll-back", null) }, /The clock of its gate stands/],
    [{}, /until somebody promotes or aborts it\.$/],
  ])("a gate with %j says when it ends by itself", (more, words) => expect(said(more)).toMatch(words));

  it("what the cluster refused is tried again, by itself and by Resume, never by Retry", () => {
    const holding = { words: "policy says no", againUnixMs: now + 12_000, act: "resume" } as const;
    expect(said({ hold: "refused", holding })).toBe(
      "A step was refused. Policy says no. It is tried again by itself in 12 s; Resume tries at once.",
    );
    expect(said({ hold: "refused", holding: { ...holding, act: null } })).toMatch(/tried again by itself in 12 s\.$/);
  });

  it("what a team rejected has words of its own, and theirs", () => {
    const holding = { words: "Peter Chen rejected it: not on a Friday", againUnixMs: null, act: "resume" } as const;
    expect(said({ hold: "rejected", holding })).toMatch(
      /^Another team said no\. Peter Chen rejected it: not on a Friday\. /,
    );
  });

  it("another program in place of the new version is not called a change of the route", () => {
    const resource = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "shop-v2" };
    const drift = [{ resource, manager: "kubectl-edit", words: "shop:2 runs, it was shop:1" }];
    expect(said({ hold: "drift", drift })).toMatch(/^Somebody changed what runs as v2\. /);
    expect(said({ hold: "drift" })).toMatch(/^Somebody else changed the route\. /);
  });

  it("buttons that the words name are those there are", () => {
    for (const hold of holdReason.options) {
      expect(said({ hold, holding: { words: "", againUnixMs: null, act: "resume" } })).not.toMatch(/retry/i);
    }
  });
});
