import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultMeshConfig, readMeshConfig } from "./mesh-config.ts";

const read = (mesh: unknown) => readMeshConfig({ data: { mesh } });

describe("the mesh's own configuration", () => {
  it.each([undefined, "", "# nothing\n", "trustDomain: other\n"])("has defaults where %j says nothing", (text) => {
    expect(read(text)).toEqual(defaultMeshConfig);
  });

  it.each([
    ["", "BASE"],
    ["DEFAULT", "BASE"],
    ["NONE", "NONE"],
    ["MERGE_SLASHES", "MERGE_SLASHES"],
    ["DECODE_AND_MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"],
  ])("normalization %j is %s", (name, expected) => {
    expect(read(`pathNormalization: {normalization: "${name}"}`)).toMatchObject({
      pathNormalization: expected,
      problem: "",
    });
  });

  it.each([
    ["no YAML", "a: [", "is no YAML"],
    ["an alias, which can grow without bound", "a: &a [1]\nb: *a", "is no YAML"],
    ["too long", "x".repeat(300_000), "longer than"],
    ["a normalization that nobody knows", "pathNormalization: {normalization: BEST}", "BASE holds"],
  ])("that is %s is told, and the defaults hold", (_what, text, problem) => {
    expect(read(text)).toMatchObject({ pathNormalization: "BASE", problem: expect.stringContaining(problem) });
  });

  it.each([
    ["", "ALLOW_ANY", ""],
    ["outboundTrafficPolicy: {mode: ALLOW_ANY}", "ALLOW_ANY", ""],
    ["outboundTrafficPolicy: {mode: REGISTRY_ONLY}", "REGISTRY_ONLY", ""],
    // The first value of Istio's enum, so what is meant when none is written.
    ["outboundTrafficPolicy: {}", "REGISTRY_ONLY", ""],
    ["outboundTrafficPolicy: {mode: registry_only}", "REGISTRY_ONLY", "REGISTRY_ONLY holds"],
    ["outboundTrafficPolicy: {mode: REGISTRY_ONLY", "REGISTRY_ONLY", "is no YAML"],
    ["outboundTrafficPolicy: {mode: ALLOW_ANY", "ALLOW_ANY", "is no YAML"],
  ])("%j lets call outside: %s", (text, outboundMode, problem) => {
    expect(read(text)).toMatchObject({ outboundMode, problem: expect.stringContaining(problem) });
  });

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          read(text);
        },
      ),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (provider) => {
        read(JSON.stringify({ extensionProviders: [{ name: "a", envoyExtAuthzHttp: provider }] }));
      }),
    );
  });
});
