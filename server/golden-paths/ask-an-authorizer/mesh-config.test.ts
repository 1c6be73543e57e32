import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { contextOf, meshConfig } from "../access/filled-in.suite.ts";
import { knows } from "../access/sample-intents.suite.ts";
import { intentText } from "../resource.ts";
import { authorizersOf, canExtend, meshConfigWith } from "./mesh-config.ts";

const theirs = `# Kept by the platform team.
accessLogFile: /dev/stdout   # for now
defaultConfig: {tracing: {sampling: 5}}
extensionProviders:
- name: otel
  opentelemetry: {service: otel.default.svc.cluster.local, port: 4317}
`;
/** As the API server keeps what we applied. */
const applied = (intents: Parameters<typeof intentText>[0]) => ({
  annotations: intents.length === 0 ? {} : { "towpath.dev/intent": intentText(intents) },
  managedFields: [
    {
      manager: "towpath",
      operation: "Apply",
      fieldsV1: { "f:data": { "f:mesh": {} }, "f:metadata": { "f:annotations": { "f:towpath.dev/intent": {} } } },
    },
  ],
});
const textOf = (intents: readonly (typeof knows)[], mesh: string, metadata: object = {}): string | undefined => {
  const { inventory } = contextOf({ change: meshConfig(mesh, metadata) });
  const [rendered] = meshConfigWith(intents, inventory);
  return (rendered?.data as { mesh: string } | undefined)?.mesh;
};
const added = textOf([knows], theirs) ?? "";

describe("an authorizer in the mesh's configuration", () => {
  test("stands beside what others wrote, comments too, and never lets requests pass by itself", () => {
    expect(added).toContain("# Kept by the platform team.");
    expect(added).toContain("# for now");
    expect(parse(added)).toEqual({
      ...parse(theirs),
      extensionProviders: [
        parse(theirs).extensionProviders[0],
        {
          name: "doorman",
          envoyExtAuthzHttp: {
            service: "sleep.default.svc.cluster.local",
            port: 80,
            timeout: "1s",
            failOpen: false,
            includeRequestHeadersInCheck: ["authorization"],
            headersToUpstreamOnAllow: ["x-user"],
          },
        },
      ],
    });
  });

  test("is written once: a text that has it stays byte for byte", () => {
    expect(textOf([knows], added, applied([knows]))).toBe(added);
  });

  test("goes again, and everything else stays ours to keep", () => {
    const left = textOf([], added, applied([knows])) ?? "";
    expect(parse(left)).toEqual(parse(theirs));
    expect(textOf([], left, applied([]))).toBe(left);
  });

  test("goes alone when it is edited", () => {
    const slow = { ...knows, at: { ...knows.at, timeout: "5s" } };
    const edited = parse(textOf([slow], added, applied([knows])) ?? "");
    expect(edited.extensionProviders).toHaveLength(2);
    expect(edited.extensionProviders[1].envoyExtAuthzHttp.timeout).toBe("5s");
  });

  test("is the first entry of a text that has none", () => {
    for (const text of ["", "extensionProviders:\n", "accessLogFile: /dev/stdout\n"]) {
      expect(parse(textOf([knows], text) ?? "").extensionProviders).toMatchObject([{ name: "doorman" }]);
    }
  });

  test("is not there when nobody asked for it, and leaves a text alone that cannot be read", () => {
    expect(meshConfigWith([], contextOf().inventory)).toEqual([]);
    expect(textOf([], theirs)).toBe(theirs);
    expect(textOf([knows], "a: [")).toBe("a: [");
    expect(canExtend(contextOf({ change: meshConfig("a: [") }).inventory)).toBe(false);
    expect(canExtend(contextOf({ change: meshConfig(theirs) }).inventory)).toBe(true);
  });
});

test("authorizers of the live configuration are listed, other providers are not", () => {
  const grpc =
    "\n- name: bouncer\n  envoyExtAuthzGrpc: {service: gate.default.svc.cluster.local, port: 9000, failOpen: true}\n";
  const { inventory } = contextOf({
    change: meshConfig(added.trimEnd() + grpc.replaceAll("\n- ", "\n  - ").replaceAll("\n  envoy", "\n    envoy")),
  });
  expect(authorizersOf(inventory)).toEqual([
    { name: "bouncer", protocol: "grpc", service: "gate.default.svc.cluster.local", port: 9000, failOpen: true },
    { name: "doorman", protocol: "http", service: "sleep.default.svc.cluster.local", port: 80, failOpen: false },
  ]);
  expect(authorizersOf(contextOf().inventory)).toEqual([]);
});
