import { describe, expect, it } from "vitest";
import { changedPaths, shownProblems } from "./shown-problems.ts";

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
