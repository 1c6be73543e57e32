import fc from "fast-check";
import { expect, test } from "vitest";
import { owningStates, rolloutState } from "@/server/contracts/rollouts.ts";
import { noCounts } from "../analysis/counts.ts";
import type { Placement, Shares } from "../ports.ts";
import type { Command } from "./command.ts";
import { TestRelease, testSpec } from "./machine.suite.ts";
import { gets } from "./shares.ts";
import { machine, stateOf } from "./state.ts";

const placements: Placement[] = [
  { state: "placed" },
  { state: "moving", words: "1 of 2 proxies" },
  { state: "waiting", changeId: "c", words: "others" },
  { state: "refused", reason: "refused", words: "no" },
  { state: "refused", reason: "rejected", words: "no" },
  { state: "refused", reason: "freeze", words: "no" },
  { state: "refused", reason: "drift", words: "no" },
];
const commands: Command[] = ["promote", "promote-fully", "pause", "resume", "abort", "restart", "undo"];
const resource = { apiVersion: "v1", kind: "HTTPRoute", namespace: "a", name: "a" };

type Move = (release: TestRelease) => void;
const asPlaced =
  (placement: Placement): Move =>
  (release) =>
    release.see(
      ["guarding", "placing", "finishing", "going-back"].includes(release.machine.phase) ? { placement } : {},
    );

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Move>((release) => release.see()) },
  { weight: 4, arbitrary: fc.constantFrom(...placements).map(asPlaced) },
  {
    weight: 4,
    arbitrary: fc.constantFrom("pass", "fail", "inconclusive").map(
      (verdict): Move =>
        (release) => {
          const from = release.machine.soak.intervalFromUnixMs;
          const counts = { fromUnixMs: from ?? 0, toUnixMs: (from ?? 0) + 10_000, stable: noCounts, canary: noCounts };
          release.see({ judged: { counts, judgement: { verdict, measures: [] } } });
        },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(...commands), fc.nat(4)).map(
      ([command, step]): Move =>
        (release) => {
          release.order(command, { step });
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Move>(
      (release) => release.see({ connected: false, placement: null }),
      (release) => release.see({ frozen: "until Monday" }),
      (release) => release.see({ drift: [{ resource, manager: "kubectl", words: "weight" }] }),
      (release) => release.see({ canaryReady: 0 }),
      (release) => release.see({ stableReady: 0 }),
      (release) => release.see({ canaryReady: 0, stableReady: 0 }),
      (release) => {
        release.ready = { ...release.ready, stableReady: 1 - release.ready.stableReady };
      },
      (release) => release.see({ template: { hash: String(release.nowUnixMs), images: [], resource, manager: "" } }),
      (release) => release.see({ freshUnixMs: null }),
      (release) => release.see({ first: true }),
      (release) => release.see({ totals: { stable: { requests: 9, errors: 0 }, canary: { requests: 9, errors: 9 } } }),
      (release) => {
        release.nowUnixMs += 6 * 60_000;
        release.see();
      },
    ),
  },
);

const shares: fc.Arbitrary<Shares | null> = fc.option(
  fc.record({
    stable: fc.constantFrom("v1", "v2", "v0"),
    canary: fc.constantFrom(null, "v2", "v3"),
    weight: fc.constantFrom(0, 30),
    match: fc.constant([]),
    mirror: fc.constant(0),
    sticky: fc.constant(null),
    round: fc.nat(9),
    preview: fc.constant(null),
  }),
);

const spec = fc
  .record({
    steps: fc
      .array(fc.record({ analysis: fc.boolean(), gate: fc.boolean(), grow: fc.constantFrom(0, 10, 40) }), {
        minLength: 1,
        maxLength: 4,
      })
      .map((steps) => {
        let weight = 0;
        return steps.map(({ analysis, gate, grow }) => {
          weight = Math.min(100, weight + grow);
          return { weight, analysis, gate };
        });
      }),
    start: fc.constantFrom(null, { image: "shop:2", replicas: 1 }),
    analysis: fc.record({
      maxFailedRequests: fc.constantFrom(null, 5),
      onInconclusive: fc.constantFrom("ask", "wait", "roll-back"),
    }),
    stopOldAfterMinutes: fc.constantFrom(null, 0),
  })
  .map(testSpec);

const owns = (release: TestRelease): boolean => owningStates.some((state) => state === release.state);

test("whatever happens and whoever says what: shares belong to an owner, and no step is left out", () => {
  fc.assert(
    fc.property(spec, shares, fc.array(move, { maxLength: 60 }), (of, before, moves) => {
      const release = new TestRelease(of, before);
      for (const go of moves) {
        const was = release.machine;
        const records = release.records.length;
        const wasState = release.state;
        go(release);
        const { machine: is } = release;
        const events = release.records.slice(records).flatMap((next) => next.events);
        // Nobody sends all calls to a version without pods while the other one answers.
        if (is.phase === "going-back" && was.phase !== "going-back") {
          const pods = release.pods;
          expect(pods.stableReady > 0 || pods.canaryReady === 0).toBe(true);
        }
        const byPerson = events.some(({ by }) => by !== null);
        // It reads back as it was written.
        expect(machine.parse(JSON.parse(JSON.stringify(is)))).toEqual(is);
        expect(rolloutState.parse(stateOf(is))).toBe(release.state);
        // Shares move under an owner only, and each move has a round of its own.
        if (is.wanted !== null && JSON.stringify(is.wanted) !== JSON.stringify(was.wanted)) {
          expect(owns(release)).toBe(true);
          expect(is.round).toBeGreaterThan(was.round);
        }
        // The canary never gets more than its step allows; all of it at the end only.
        if (is.wanted?.canary === of.canary && is.back === null) {
          expect(is.wanted.weight).toBe(of.steps[is.step]?.weight);
        }
        if (is.wanted?.stable === of.canary && is.back === null) {
          expect(["finishing", "ended"]).toContain(is.phase);
        }
        if (is.step > was.step && !byPerson) {
          const left = of.steps[was.step];
          expect(is.step).toBe(was.step + 1);
          expect(left?.gate).toBe(false);
          const [record] = release.records.slice(records);
          const passes = was.soak.passes + (record?.verdict?.verdict === "pass" ? 1 : 0);
          expect(left?.analysis === true ? passes : of.analysis.passes).toBeGreaterThanOrEqual(of.analysis.passes);
        }
        // What has ended stays so, but for an undo.
        if (wasState === "rolled-back" || wasState === "undone") {
          expect(release.state).toBe(wasState);
        }
        if (["rolled-back", "undone"].includes(release.state) && is.wanted !== null) {
          expect(gets(is.wanted, of.canary)).toBe(false);
          expect(is.made).toBe(false);
        }
        if (release.state === "rolling-back" && is.phase !== "resuming" && is.wanted !== null) {
          expect(gets(is.wanted, of.canary)).toBe(false);
        }
      }
    }),
    { numRuns: 400 },
  );
});

test("from wherever it is, an abort brings it to its end as soon as the world answers", () => {
  fc.assert(
    fc.property(spec, shares, fc.array(move, { maxLength: 40 }), (of, before, moves) => {
      const release = new TestRelease(of, before);
      for (const go of moves) {
        go(release);
      }
      release.order("abort");
      for (let looks = 0; owns(release) && looks < 12; looks++) {
        release.nowUnixMs += 5_000;
        release.see();
      }
      expect(owns(release)).toBe(false);
    }),
    { numRuns: 300 },
  );
});
