import { describe, test } from "vitest";
import { enact } from "../manifests.ts";
import type { Ask } from "./ask.ts";
import { type Case, check } from "./cases.ts";
import { headerCases, headerRules, multipleEdits } from "./header-tables.ts";
import { backend, mesh, route, send, to, v1, v2, v3 } from "./mesh-place.ts";

export function grpcSuite(): void {
  describe("GRPCRoute", () => {
    const call = (name: string): Ask => ({ ...to(name, 7070), protocol: "grpc", path: "/towpath.test.Echo/One" });
    const unimplemented: Case[1] = { status: 12 };

    test("GRPCRouteRequestHeaderModifier", async () => {
      const rule = (value: string, edit: string, version: number): string =>
        `{ matches: [{ headers: [{ name: x-test-case, value: ${value} }] }], filters: [{ type: RequestHeaderModifier, requestHeaderModifier: ${edit} }], ${backend(version, 7070)} }`;
      await enact(
        mesh,
        route(
          "grpc-headers",
          `[${[
            rule("set", "{ set: [{ name: x-header-set, value: set-overwrites-values }] }", 1),
            rule("add", "{ add: [{ name: x-header-add, value: add-appends-values }] }", 1),
            rule("remove", "{ remove: [x-header-remove] }", 1),
            rule("multi", multipleEdits, 2),
          ].join(", ")}]`,
          { port: 7070, kind: "GRPCRoute" },
        ),
      );
      await check(send, call("grpc-headers"), [
        [
          { headers: { "x-test-case": "set", "some-other-header": "stays", "x-header-set": "old" } },
          { ...v1, seen: { "some-other-header": "stays", "x-header-set": "set-overwrites-values" } },
        ],
        [
          { headers: { "x-test-case": "add", "x-header-add": "first" } },
          { ...v1, seen: { "x-header-add": "first, add-appends-values" } },
        ],
        [
          { headers: { "x-test-case": "remove", "x-header-remove": "gone" } },
          { ...v1, seen: { "x-header-remove": null } },
        ],
        [
          { headers: { "x-test-case": "multi", "x-header-set-2": "old", "x-header-remove-2": "gone" } },
          {
            ...v2,
            seen: { "x-header-set-1": "header-set-1", "x-header-set-2": "header-set-2", "x-header-remove-2": null },
          },
        ],
        [{ headers: { "x-test-case": "none" } }, unimplemented],
      ]);
    });

    test("GRPCExactMethodMatching, GRPCRouteHeaderMatching, GRPCRouteNamedRule; trailers and streams pass", async () => {
      await enact(
        mesh,
        route(
          "grpc-methods",
          `
    - { name: named-rule, matches: [{ method: { service: towpath.test.Echo, method: One } }], ${backend(1, 7070)} }
    - { matches: [{ method: { service: towpath.test.Echo, method: Two } }], ${backend(2, 7070)} }
    - { matches: [{ method: { service: towpath.test.Other } }], ${backend(3, 7070)} }
    - { matches: [{ method: { method: Chat } }], ${backend(1, 7070)} }
    - { matches: [{ method: { type: RegularExpression, service: "towpath[.]test[.]E.*", method: "Thr.*" }, headers: [{ name: re, value: "yes" }] }], ${backend(2, 7070)} }`,
          { port: 7070, kind: "GRPCRoute" },
        ),
      );
      await check(send, call("grpc-methods"), [
        [{}, { ...v1, headers: { "x-trailer": "echo-v1" } }],
        [{ path: "/towpath.test.Echo/Two" }, v2],
        [{ path: "/towpath.test.Echo/Three" }, unimplemented],
        [{ path: "/towpath.test.Echo/Three", headers: { re: "yes" } }, v2],
        [{ path: "/towpath.test.Other/Three" }, v3],
        [{ path: "/towpath.test.Echo/Chat", protocol: "chat" }, { body: ["a", "b", "c"] }],
        [{ path: "/towpath.test.Nobody/One" }, unimplemented],
      ]);
      await enact(mesh, route("grpc-methods", headerRules(7070), { port: 7070, kind: "GRPCRoute" }));
      await check(
        send,
        call("grpc-methods"),
        headerCases.map(([headers, version]) => [
          { headers },
          version === 0 ? unimplemented : ([v1, v2][version - 1] ?? {}),
        ]),
      );
    });
  });
}
