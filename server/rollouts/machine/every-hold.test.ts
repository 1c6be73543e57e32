import { describe, expect, test } from "vitest";
import { type HoldReason, holdReason, type RolloutAction } from "@/server/contracts/rollouts.ts";
import type { Drifted } from "../ports.ts";
import { whyNot } from "./command.ts";
import { holdingOf } from "./holding.ts";
import { TestRelease, testSpec } from "./machine.suite.ts";
import { holdOf } from "./state.ts";

const soaking = (more: object = {}): TestRelease => {
  const release = new TestRelease(testSpec(more));
  release.untilSoaking();
  return release;
};
const unjudged = (more: object = {}): object => ({
  steps: [
    { weight: 10, analysis: false, ...more },
    { weight: 100, analysis: false },
  ],
});
const drift: readonly Drifted[] = [
  {
    resource: { apiVersion: "v1", kind: "HTTPRoute", namespace: "a", name: "a" },
    manager: "kubectl-edit",
    words: "weight is 50",
  },
];
/** A second step that does not come into force. */
const refused = (reason: "refused" | "rejected"): TestRelease => {
  const release = soaking(unjudged());
  release.see();
  release.place({ state: "refused", reason, words: "no" });
  return release;
};

interface Held {
  readonly begin: () => TestRelease;
  /** The command that answers it, and ends it; null: none. */
  readonly act: RolloutAction | null;
  /** Ends it without a person; undefined: nothing does. */
  readonly passes?: (release: TestRelease) => void;
  /** It is on its way back: there is nothing to abort. */
  readonly back?: true;
}

const holds: Readonly<Record<HoldReason, Held>> = {
  gate: {
    begin: () => {
      const release = soaking(unjudged({ gate: true, gateTimeout: "10m" }));
      release.see();
      return release;
    },
    act: "promote",
    passes: (release) => {
      release.nowUnixMs += 10 * 60_000;
      release.see();
    },
  },
  person: {
    begin: () => {
      const release = soaking();
      release.order("pause");
      return release;
    },
    act: "resume",
  },
  drift: {
    begin: () => {
      const release = soaking();
      release.see({ drift });
      return release;
    },
    act: "resume",
  },
  inconclusive: {
    begin: () => {
      const release = soaking({ analysis: { inconclusive: 1 } });
      release.judge("inconclusive");
      return release;
    },
    act: "resume",
    passes: (release) => release.judge("pass"),
  },
  refused: { begin: () => refused("refused"), act: "resume", passes: (release) => release.place({ state: "placed" }) },
  rejected: { begin: () => refused("rejected"), act: "resume" },
  "no-telemetry": {
    begin: () => {
      const release = soaking();
      release.see({ freshUnixMs: null });
      return release;
    },
    act: null,
    passes: (release) => release.see(),
  },
  "mesh-unreachable": {
    begin: () => {
      const release = soaking();
      release.see({ connected: false });
      return release;
    },
    act: null,
    passes: (release) => release.see(),
  },
  freeze: {
    begin: () => {
      const release = soaking();
      release.see({ frozen: "until Monday" });
      return release;
    },
    act: null,
    passes: (release) => release.see(),
  },
  "no-pods": {
    begin: () => {
      const release = soaking();
      release.see({ canaryReady: 0 });
      return release;
    },
    act: null,
    passes: (release) => release.see(),
  },
  "no-stable-pods": {
    begin: () => {
      const release = soaking();
      release.ready = { stableReady: 0, canaryReady: 1 };
      release.order("abort");
      return release;
    },
    act: null,
    passes: (release) => release.see(),
    back: true,
  },
};

test("the table has every hold", () => {
  expect(Object.keys(holds).sort()).toEqual([...holdReason.options].sort());
});

describe.each(Object.entries(holds))("held by %s", (reason, { begin, act, passes, back }) => {
  test("the command that is offered is allowed, and ends it; no other answer is offered", () => {
    const release = begin();
    expect(holdOf(release.machine)).toBe(reason);
    expect(holdingOf(release.release)?.act).toBe(act);
    if (act === null) {
      expect(whyNot(release.release, "resume")).not.toBe("");
    } else {
      expect(release.order(act as "promote" | "resume")).toBe("");
      release.see();
      expect(holdOf(release.machine)).not.toBe(reason);
    }
  });

  test("it ends by itself when what made it ends, or stays until a person comes", () => {
    const release = begin();
    if (passes === undefined) {
      release.nowUnixMs += 24 * 60 * 60_000;
      release.see();
      expect(holdOf(release.machine)).toBe(reason);
    } else {
      passes(release);
      expect(holdOf(release.machine)).not.toBe(reason);
    }
  });

  test("an abort is taken, unless it is on its way back", () => {
    expect(whyNot(begin().release, "abort") === "").toBe(back !== true);
  });
});
