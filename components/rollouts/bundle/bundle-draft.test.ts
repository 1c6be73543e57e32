import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bundleRequest } from "@/server/contracts/rollout-bundles.ts";
import { releaseOf } from "../form/release-draft.ts";
import { lacksWords, memberProblems, readBundle, refusedOf, usualTitle } from "./bundle-draft.ts";

const member = (name: string, more: object = {}) =>
  releaseOf({ service: { namespace: name, name }, stable: "v1", canary: "v2", ...more });

describe("an address", () => {
  it("without a word gives two releases to fill in, in order and back together", () => {
    expect(readBundle({})).toEqual({ order: "in-order", abortTogether: true, members: [{}, {}] });
  });

  it("keeps the release that it brings", () => {
    const service = { namespace: "web-api", name: "web-api" };
    expect(readBundle({ members: [{ service, canary: "v2" }] }).members).toEqual([{ service, canary: "v2" }, {}]);
  });

  it("keeps nothing of another shape", () => {
    const members = Array.from({ length: 30 }, () => 7);
    const read = readBundle({ title: 3, order: "random", abortTogether: "no", members });
    expect(read).toMatchObject({ order: "in-order", abortTogether: true });
    expect(read.title).toBeUndefined();
    expect(read.members).toHaveLength(10);
  });

  it("gives back what was entered, whatever it was", () => {
    const entered = fc.record({
      title: fc.string({ minLength: 1, maxLength: 120 }),
      order: fc.constantFrom("in-order" as const, "together" as const),
      abortTogether: fc.boolean(),
      members: fc.array(fc.record({ stable: fc.constantFrom("v1", "v2") }), { minLength: 2, maxLength: 10 }),
    });
    fc.assert(
      fc.property(entered, (bundle) => {
        expect(readBundle(JSON.parse(JSON.stringify(bundle)))).toEqual(bundle);
      }),
    );
  });
});

describe("releases of a bundle", () => {
  it("are sent as the portal takes them", () => {
    const members = [member("catalog"), member("web-api")];
    const specs = members.flatMap((_, at) => memberProblems(members, at).spec ?? []);
    const request = { title: usualTitle(members), specs, openedUnixMs: 1 };
    expect(bundleRequest.safeParse(request).success).toBe(true);
  });

  it("have a service each: the second of the same is told, the first is not", () => {
    const members = [member("catalog"), member("web-api"), member("catalog", { canary: "v3" })];
    const specs = members.map((_, at) => memberProblems(members, at).spec !== null);
    expect(specs).toEqual([true, true, false]);
    expect(memberProblems(members, 2).problems.get("service")).toMatch(/catalog is in this bundle already/);
  });

  it("that have no service yet are not each other's", () => {
    const members = [releaseOf({}), releaseOf({})];
    expect(memberProblems(members, 1).problems.get("service")).toBe("Choose a service");
  });

  it("keep to the ranges of the platform engineers", () => {
    const whole = member("catalog");
    const unjudged = { ...whole, steps: whole.steps.map((step) => ({ ...step, analysis: false })) };
    const { spec, problems } = memberProblems([unjudged], 0, [{ field: "weight", min: null, max: 50 }]);
    expect(spec).toBeNull();
    expect([...problems.keys()]).toEqual(["steps.4.weight"]);
  });
});

describe("words", () => {
  it("name a bundle after its releases, no longer than a title may be", () => {
    expect(usualTitle([member("catalog"), releaseOf({}), member("web-api")])).toBe("catalog v2, web-api v2");
    expect(usualTitle(Array.from({ length: 10 }, () => member("a-service-with-a-name")))).toHaveLength(120);
  });

  it.each([
    [[new Map(), new Map([["service", "Choose a service"]])], "x", "Release 2: Choose a service"],
    [[new Map(), new Map()], " ", "Enter a title"],
    [[new Map(), new Map()], "x", ""],
  ])("say what lacks: %j %j", (problems, title, words) => expect(lacksWords(problems, title)).toBe(words));

  it("of the portal stand at the release that they are about", () => {
    const fields = [
      { path: "specs.1.canary", message: "There is no such version" },
      { path: "specs.10.canary", message: "not this one" },
    ];
    expect([...refusedOf(fields, 1)]).toEqual([["canary", "There is no such version"]]);
    expect(refusedOf(fields, 0).size).toBe(0);
  });
});
