import { describe, expect, it } from "vitest";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import { callersOf, namesOf } from "../preview/names-of.ts";
import { buttonWords, footWords } from "./foot-words.ts";
import { pathMatch, pathPatternOf } from "./path-match.ts";
import { anyRequest, withoutRule, withRule } from "./request-rules.ts";
import { methodsOf, suggestPatterns, suggestPrefixes } from "./seen-words.ts";
import { changedPaths, shownProblems } from "./shown-problems.ts";
import { dateText, momentOf } from "./until-choice.ts";

describe("paths", () => {
  it.each([
    ["/api", "is", "/api"],
    ["/api*", "begins", "/api"],
    ["/api/*", "begins", "/api/"],
    ["*.png", "ends", ".png"],
    ["/users/{*}", "is", "/users/{*}"],
    ["/users/{*}/{**}", "is", "/users/{*}/{**}"],
    ["", "is", ""],
  ] as const)("%s reads “%s %s”, and is written the same again", (pattern, kind, text) => {
    expect(pathMatch(pattern)).toEqual({ kind, text });
    expect(pathPatternOf({ kind, text })).toBe(pattern);
  });
});

describe("rules about requests", () => {
  it("a rule that says nothing is no rule", () => {
    const named = withRule([], 0, { methods: ["GET"] });
    expect(named).toEqual([{ ...anyRequest, methods: ["GET"] }]);
    expect(withRule(named, 0, { methods: [] })).toEqual([]);
  });

  it("of several rules one is taken away", () => {
    const two = [
      { ...anyRequest, methods: ["GET"] },
      { ...anyRequest, paths: ["/x"] },
    ];
    expect(withoutRule(two, 0)).toEqual([{ ...anyRequest, paths: ["/x"] }]);
  });
});

describe("which problems are said", () => {
  const before = { service: null, ports: [80], limits: [{ requests: null }], host: "" };

  it("only those of what was touched", () => {
    const touched = new Set(changedPaths(before, { ...before, host: "x" }));
    const problems = new Map([
      ["service", "Choose a service"],
      ["host", "A host is a name"],
    ]);
    expect([...shownProblems(problems, touched, false).keys()]).toEqual(["host"]);
    expect([...shownProblems(problems, touched, true).keys()]).toEqual(["service", "host"]);
  });

  it("not those of a row that was just added", () => {
    const after = { ...before, limits: [...before.limits, { requests: null }] };
    const touched = new Set(changedPaths(before, after));
    const problems = new Map([["limits.1.requests", "Enter a number"]]);
    expect(shownProblems(problems, touched, false).size).toBe(0);
  });

  it("those of an entry that was just added to a list of values, and of a choice that was undone", () => {
    const touched = new Set(
      changedPaths({ ...before, service: { name: "a" } }, { ...before, ports: [80, 0], service: null }),
    );
    const problems = new Map([
      ["ports.1", "A port is at least 1"],
      ["service", "Choose a service"],
    ]);
    expect([...shownProblems(problems, touched, false).keys()]).toEqual(["ports.1", "service"]);
  });

  it("those of a part belong to the whole", () => {
    const touched = new Set(changedPaths({ gateway: { name: "a" } }, { gateway: { name: "b" } }));
    expect(shownProblems(new Map([["gateway", "There is none"]]), touched, false).size).toBe(1);
  });
});

describe("what was seen", () => {
  const seen = {
    methods: [{ name: "POST", requests: 9 }],
    paths: [
      { method: "GET", path: "/history/{customer}", requests: 100, errors: 2, p99Ms: 40 },
      { method: "HEAD", path: "/history/{customer}", requests: 10, errors: 0, p99Ms: 20 },
      { method: "GET", path: "/health", requests: 500, errors: 0, p99Ms: 0 },
    ],
    headers: [],
    claims: [],
    issuers: [],
    requestsPerSecond: 1,
    p99Ms: 40,
  };

  it("puts the methods that were seen first", () => {
    expect(methodsOf(seen, ["REPORT"])).toEqual(["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "REPORT"]);
  });

  it("offers paths as patterns that the contract takes, the most frequent first", () => {
    expect(suggestPatterns(seen)).toEqual([
      { value: "/health", detail: "GET 500" },
      { value: "/history/{*}", detail: "GET, HEAD 110, 1.82\u00a0% errors, p99 40\u00a0ms" },
    ]);
    expect(suggestPrefixes(seen).map(({ value }) => value)).toEqual(["/health", "/history"]);
  });
});

describe("dates", () => {
  it("are read and written in UTC", () => {
    const moment = Date.UTC(2026, 10, 22, 21, 30);
    expect(dateText(moment)).toBe("2026-11-22T21:30");
    expect(momentOf("2026-11-22T21:30")).toBe(moment);
    expect(momentOf("2026-11-")).toBeUndefined();
  });
});

describe("the names of a form", () => {
  it("are those a sentence may hold, not words of the form itself", () => {
    const values = {
      service: { namespace: "default", name: "httpbin" },
      callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }, { kind: "anyone" }],
      requests: [{ methods: ["GET"], paths: ["/headers"], headers: [{ name: "x-a", match: "value", values: ["v"] }] }],
      near: "zone",
    };
    expect(namesOf(values)).toEqual(["httpbin", "sleep", "GET", "/headers", "x-a"]);
    expect(callersOf(values)).toEqual(new Set(["default/sleep"]));
  });
});

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
