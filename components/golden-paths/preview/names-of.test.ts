import { describe, expect, it } from "vitest";
import { callersOf, namesOf } from "./names-of.ts";

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
