import { expect, it } from "vitest";
import type { Approval, ChangeSummary } from "@/server/contracts/changes.ts";
import { effectOf, isFinal, isMoving, standing, waitsForMe } from "./change-words.ts";

const asked = (more: Partial<Approval>): Approval => ({
  team: "purchase-history",
  title: "Purchase history",
  namespaces: ["purchase-history"],
  state: "waiting",
  by: null,
  atUnixMs: null,
  comment: "",
  mine: false,
  ...more,
});
const change = (more: Partial<ChangeSummary>): ChangeSummary => ({
  id: "c",
  number: 7,
  slug: "retries",
  title: "Retries",
  sentence: "",
  state: "waiting",
  author: { id: "d", name: "Dana", initials: "D" },
  namespaces: ["purchase-history"],
  reason: "",
  createdUnixMs: 0,
  finishedUnixMs: null,
  leadTimeMs: null,
  receipt: null,
  undoOf: null,
  rollout: null,
  undoneBy: null,
  undoable: false,
  undoBlockedBecause: "",
  failure: "",
  approvals: [],
  etag: "",
  expiresUnixMs: null,
  withdrawable: false,
  probes: [],
  ...more,
});

it("names those who have not answered yet, and nobody who has", () => {
  const approvals = [
    asked({}),
    asked({ team: "web-api", title: "Web API", state: "approved" }),
    asked({ team: "platform", title: "Platform engineers" }),
  ];
  expect(standing(change({ approvals }))).toBe("Waits for Purchase history and Platform engineers");
});

it("says who refused and why", () => {
  const by = { id: "m", name: "Mira", initials: "M" };
  const refusal = asked({ state: "rejected", by, comment: "Too many tries" });
  expect(standing(change({ state: "rejected", approvals: [refusal] }))).toBe(
    "Mira of Purchase history: Too many tries",
  );
});

it("waits for me only while it waits and my word is missing", () => {
  expect(waitsForMe(change({ approvals: [asked({ mine: true })] }))).toBe(true);
  expect(waitsForMe(change({ approvals: [asked({ mine: true, state: "approved" })] }))).toBe(false);
  expect(waitsForMe(change({ approvals: [asked({})] }))).toBe(false);
  expect(waitsForMe(change({ state: "expired", approvals: [asked({ mine: true })] }))).toBe(false);
});

it.each(["rejected", "withdrawn", "expired", "verified", "failed", "undone"] as const)("ends as %s", (state) => {
  expect([isFinal(state), isMoving(state)]).toEqual([true, false]);
});

it("does not hold a connection open for a change that waits for people", () => {
  expect([isFinal("waiting"), isMoving("waiting"), isMoving("applying")]).toEqual([false, false, true]);
});

it("says the effect in requests, and says so when there is none", () => {
  const none = { count: 0, callers: 0 };
  const impact = {
    windowSeconds: 3600,
    observedSinceUnixMs: 1,
    becomeDenied: none,
    becomeAllowed: none,
    unchanged: none,
    unknown: none,
    rows: [],
    notes: [],
  };
  expect(
    effectOf({ ...impact, becomeAllowed: { count: 1290, callers: 1 }, becomeDenied: { count: 1, callers: 1 } }),
  ).toBe(
    "In the 1 h before it was proposed, 1,290 more connections would have been allowed and 1 connection would have been refused.",
  );
  expect(effectOf(impact)).toContain("No connection");
});
