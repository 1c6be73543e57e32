import { describe, expect, test } from "vitest";
import { problemCode, problemStatus } from "./errors.ts";
import { letACallerInForm } from "./golden-paths/access.ts";
import { lockDownForm } from "./golden-paths/scoped.ts";
import { tryRequest } from "./try-it.ts";

describe("problems", () => {
  test("every code has an HTTP status of a failure", () => {
    for (const code of problemCode.options) {
      expect(problemStatus[code]).toBeGreaterThanOrEqual(400);
    }
  });
});

describe("forms", () => {
  test("a path over namespaces asks for one, a path over the mesh does not", () => {
    expect(lockDownForm.safeParse({ scope: "namespaces", namespaces: [] }).success).toBe(false);
    expect(lockDownForm.safeParse({ scope: "mesh" }).success).toBe(true);
  });

  test.each([["Web"], ["-a"], ["a_b"], ["a".repeat(64)], [""]])("refuses the namespace %j", (namespace) => {
    const form = { service: { namespace, name: "web-api" }, callers: [{ kind: "anyone" }], ports: [8080] };
    expect(letACallerInForm.safeParse(form).success).toBe(false);
  });

  test.each([["ftp://a/"], ["file:///etc/passwd"], ["web-api"]])("try it refuses the address %s", (url) => {
    expect(tryRequest.safeParse({ source: { kind: "outside" }, url }).success).toBe(false);
  });

  test("try it refuses a header value with a line break", () => {
    const headers = [{ name: "x-a", value: "1\r\nx-b: 2" }];
    expect(tryRequest.safeParse({ source: { kind: "outside" }, url: "http://a/", headers }).success).toBe(false);
  });
});
