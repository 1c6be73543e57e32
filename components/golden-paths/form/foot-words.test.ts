import { describe, expect, it } from "vitest";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import { buttonWords, footWords } from "./foot-words.ts";

describe("the button", () => {
  const none = { count: 0, callers: 0 };
  const preview: Preview = {
    slug: "let-a-caller-in",
    sentence: "Lets sleep call purchase-history.",
    findings: [],
    resources: [],
    impact: {
      windowSeconds: 3600,
      observedSinceUnixMs: 0,
      becomeDenied: none,
      becomeAllowed: none,
      unchanged: none,
      unknown: none,
      rows: [],
      notes: [],
    },
    confirmWord: "",
    button: "Let 1 caller in",
    applicable: true,
    blockedBecause: "",
    approval: [],
    probes: [],
    etag: "",
  };
  const asked = (team: string, title: string) => ({ team, title, namespaces: [team] });

  it.each([
    ["says the effect", [], "Let 1 caller in", /You can undo it/],
    [
      "asks the team that owns the place",
      [asked("purchase-history", "Purchase history")],
      "Request approval from purchase-history",
      /Nothing changes before purchase-history agrees/,
    ],
    [
      "asks everybody who must agree",
      [asked("purchase-history", ""), asked("platform", "Platform")],
      "Request approval from purchase-history and the platform engineers",
      /the platform engineers agree/,
    ],
  ])("%s", (_, approval, button, foot) => {
    expect(buttonWords({ ...preview, approval })).toBe(button);
    expect(footWords({ ...preview, approval })).toMatch(foot);
  });

  it("says why it cannot be pressed", () => {
    const blocked = { ...preview, applicable: false };
    expect(footWords({ ...blocked, blockedBecause: "Nothing is changed until Monday." })).toMatch(/Monday/);
    const finding = {
      level: "error",
      field: "",
      message: "There is no such service.",
      repair: null,
      path: null,
      place: "",
    } as const;
    expect(footWords({ ...blocked, findings: [{ ...finding, code: "unknown-service" }] })).toMatch(/no such service/);
    expect(footWords({ ...blocked, findings: [{ ...finding, code: "nothing-changes" }] })).toMatch(/already so/);
  });
});
