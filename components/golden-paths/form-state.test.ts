import { describe, expect, it } from "vitest";
import { checkForm, emptyForm, type FormState, fromValues, toValues } from "./form-state.ts";

const filled: FormState = {
  scope: "namespaces",
  namespaces: ["web-api"],
  forward: false,
  keepGatewaysOpen: false,
  service: { namespace: "web-api", name: "web-api" },
  callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }, { kind: "anyone" }],
  ports: [8080],
};

describe("form and values", () => {
  it.each(["join-the-mesh", "require-mtls", "lock-down", "let-a-caller-in"] as const)(
    "loses nothing of %s between form and values",
    (slug) => {
      const values = toValues(slug, filled);
      expect(toValues(slug, fromValues(values))).toEqual(values);
      expect(checkForm(slug, fromValues(values)).complete).toBe(true);
    },
  );

  it("takes from a mangled address what fits and leaves the rest empty", () => {
    expect(
      fromValues({ namespaces: "web-api", ports: ["x"], service: { name: 3 }, callers: [{ kind: "nobody" }] }),
    ).toEqual(emptyForm);
  });

  it("names the field that lacks something", () => {
    const checked = checkForm("let-a-caller-in", emptyForm);
    expect(checked.complete).toBe(false);
    expect(!checked.complete && [...checked.problems.keys()]).toEqual(["service", "callers", "ports"]);
  });

  it("names no namespaces when the whole mesh is meant", () => {
    expect(toValues("lock-down", { ...filled, scope: "mesh" })).toMatchObject({ scope: "mesh", namespaces: [] });
  });
});
