import { describe, expect, test } from "vitest";
import type { RolloutReport } from "@/server/contracts/rollout-report.ts";
import { rolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { reportOf } from "./report.ts";

const spec = rolloutSpec.parse({
  ...{ service: { namespace: "shop", name: "cart" }, kind: "weighted", stable: "v1", canary: "v2" },
  steps: [{ weight: 10 }, { weight: 100 }],
});
const minute = (at: number): number => Date.UTC(2026, 5, 1, 12, at);
const pat = { id: "pat", name: "Pat | Muñoz", initials: "PM" };
const report = (more: Partial<RolloutReport> = {}): RolloutReport => ({
  ...{ id: "1", number: 12, service: spec.service, kind: "weighted", stable: "v1", canary: "v2", spec, revision: 3 },
  ...{ state: "rolled-back", hold: null, headline: "Rolled back: 7 of 20 failed", weight: 0, step: 0, steps: 2 },
  ...{ startedBy: pat, reason: "build 214", canaryRequests: 20, canaryErrors: 7, bundle: null, queuePlace: 0 },
  ...{ createdUnixMs: minute(0), startedUnixMs: minute(1), finishedUnixMs: minute(3), enteredUnixMs: minute(1) },
  track: spec.steps.map((step, at) => ({
    ...{ step, state: at === 0 ? "done" : "ahead", startedUnixMs: at === 0 ? minute(1) : null, endedUnixMs: null },
    ...{ canaryRequests: 20, canaryErrors: 7, words: "", progress: 1 },
  })),
  verdicts: [
    {
      ...{ sequence: 0, step: 0, fromUnixMs: minute(0), toUnixMs: minute(1), verdict: "pass", measures: [] },
      ...{ stableRequests: 180, canaryRequests: 0, canaryErrors: 0, copies: { requests: 52, errors: 1 } },
    },
    {
      ...{ sequence: 1, step: 0, fromUnixMs: minute(1), toUnixMs: minute(2), verdict: "fail" },
      ...{ stableRequests: 180, canaryRequests: 20, canaryErrors: 7, copies: null },
      measures: [
        {
          ...{ measure: "success", title: "Success", rule: "at least 99 %", stable: 99.95, canary: 65, unit: "%" },
          ...{ verdict: "fail", detail: "7 of 20 failed" },
        },
      ],
    },
  ],
  events: [
    {
      ...{ sequence: 0, timeUnixMs: minute(1), level: "info", kind: "step", actor: pat, text: "Step 1 of 2" },
      changeNumber: 31,
    },
  ],
  ...{ versions: [], nextVerdictUnixMs: null, actions: [], reach: [], drift: [], changes: [] },
  chain: { state: "not-asked", checkedUnixMs: null, hops: [], sentence: "" },
  ...{ holding: null, gateEnds: null, wayBack: null, answering: [], of: { verdicts: 2, events: 1 } },
  ...more,
});

describe("a report", () => {
  test("has what the release was, its steps, verdicts, events, and what was asked for", () => {
    const text = reportOf(report());
    for (const line of [
      "# Release 12: shop/cart v1 → v2",
      "Rolled back: 7 of 20 failed.",
      "| Started by | Pat \\| Muñoz |",
      "| Answered by v2 | 20 requests, 7 failed |",
      "| 1 | 10 % | done | 2026-06-01 12:01:00 UTC | – | 20 | 7 |",
      "| 2026-06-01 12:01:00 UTC | 1 | pass | 0, 52 copies | 0, 1 copies |  |",
      "| 2026-06-01 12:02:00 UTC | 1 | fail | 20 | 7 | Success fail: 65 %, stable 99.95 % |",
      "- 2026-06-01 12:01:00 UTC, Pat \\| Muñoz: Step 1 of 2 (change 31)",
      '  "canary": "v2",',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).not.toContain("The newest");
  });

  test("says where it does not have all that there was", () => {
    const text = reportOf(report({ of: { verdicts: 620, events: 30 } }));
    expect(text).toContain("The newest 2 of 620 intervals.");
    expect(text).toContain("The newest 1 of 30 events.");
    expect(reportOf(report({ verdicts: [], of: { verdicts: 0, events: 1 } }))).toContain("Nothing was judged.");
  });

  test.each([
    ["a cell more", "a | b", "a \\| b"],
    ["a row more", "a\n| b | c |", "a \\| b \\| c \\|"],
    ["a heading", "x\n# y", "x \\# y"],
    ["markup", "*bold* _it_ `code` ~~gone~~", "\\*bold\\* \\_it\\_ \\`code\\` \\~\\~gone\\~\\~"],
    ["a link", "[here](https://evil.example)", "\\[here\\](https\\://evil.example)"],
    ["a picture that tells who reads", "![](http://evil.example/p)", "!\\[\\](http\\://evil.example/p)"],
    ["a bare address", "see www.evil.example", "see www\\.evil.example"],
    ["HTML", '<img src=x onerror="y">&lt;', '\\<img src=x onerror="y"\\>\\&lt;'],
    ["an escape that is escaped", "\\|", "\\\\\\|"],
    ["a command of a terminal", "a\u001b[2Jb", "a \\[2Jb"],
    ["text that is turned round", "a\u202etxt.exe\u2066", "a txt.exe "],
  ])("lets no text of a person be %s", (_, text, shown) => {
    const [event] = report().events;
    const lines = reportOf(
      report({ reason: text, events: event === undefined ? [] : [{ ...event, actor: { ...pat, name: text }, text }] }),
    ).split("\n");
    expect(lines).toContain(`| Reason | ${shown} |`);
    expect(lines).toContain(`- 2026-06-01 12:01:00 UTC, ${shown}: ${shown} (change 31)`);
    // As many as without it: no line is broken.
    expect(lines).toHaveLength(reportOf(report()).split("\n").length);
  });

  test("ends its block of JSON where it says, whatever was asked for", () => {
    const start = { image: "x", command: ["```\n# not a heading", "\u202e"], replicas: null };
    const text = reportOf(report({ spec: { ...spec, start } }));
    expect(text.match(/^```/gm)).toHaveLength(2);
    expect(text).not.toContain("\u202e");
    const json = /```json\n(.*)\n```/s.exec(text)?.[1] ?? "";
    expect(JSON.parse(json)).toMatchObject({ start: { command: ["'''\n# not a heading", "\u202e"] } });
  });
});
