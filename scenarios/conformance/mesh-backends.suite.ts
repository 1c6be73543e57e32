import { describe, expect, test } from "vitest";
import type { ResourceRef } from "../../mesh-runtime/kube-client/resource.ts";
import { conditionsOf, enact, manifests } from "../manifests.ts";
import { refOf } from "../mesh.ts";
import type { WithConditions } from "../workloads.ts";
import type { Ask } from "./ask.ts";
import { type Case, check } from "./cases.ts";
import { accepted, at, backend, mesh, route, send, to, v1, v2 } from "./mesh-place.ts";

export function backendSuite(): void {
  describe("who gets it", () => {
    /** Five standard deviations, as far as `count` draws with `share` may be off without anything being wrong. */
    const near = (count: number, total: number, share: number): void => {
      expect(Math.abs(count - total * share)).toBeLessThan(5 * Math.sqrt(total * share * (1 - share)) + 1);
    };
    const counts = (told: readonly { readonly body: unknown }[]): Record<string, number> => {
      const result: Record<string, number> = { "echo-v1": 0, "echo-v2": 0, "echo-v3": 0 };
      for (const { body } of told) {
        const { backend: who } = body as { backend: string };
        result[who] = (result[who] ?? 0) + 1;
      }
      return result;
    };

    test("HTTPRouteWeight and GRPCRouteWeight: 70 to 30, and nothing to weight 0", async () => {
      const refs = (port: number): string =>
        `[{ backendRefs: [{ name: echo-v1, port: ${port}, weight: 70 }, { name: echo-v2, port: ${port}, weight: 30 }, { name: echo-v3, port: ${port}, weight: 0 }] }]`;
      await enact(
        mesh,
        `${route("weight", refs(8080))}---${route("grpc-weight", refs(7070), { port: 7070, kind: "GRPCRoute" })}`,
      );
      await accepted("GRPCRoute", "grpc-weight");
      const http = counts(await send(Array(200).fill(to("weight")), 8));
      near(http["echo-v1"] ?? 0, 200, 0.7);
      expect(http["echo-v3"]).toBe(0);
      const call: Ask = { ...to("grpc-weight", 7070), protocol: "grpc", path: "/towpath.test.Echo/One" };
      const grpc = counts(await send(Array(200).fill(call), 8));
      near(grpc["echo-v1"] ?? 0, 200, 0.7);
      expect(grpc["echo-v3"]).toBe(0);
    });

    test("HTTPRouteNamedRule", async () => {
      await enact(
        mesh,
        route(
          "named",
          `
    - { name: named-rule, matches: [{ path: { value: /named } }], ${backend(1)} }
    - { matches: [{ path: { value: /unnamed } }], ${backend(2)} }`,
        ),
      );
      await check(send, to("named"), [
        [{ path: "/named" }, { ...v1, target: "/named" }],
        [{ path: "/unnamed" }, { ...v2, target: "/unnamed" }],
      ]);
    });

    test("what cannot be served is 500: no back end, no such Service, no weight, a kind nobody knows", async () => {
      const rule = (path: string, rest: string): string => `{ matches: [{ path: { value: ${path} } }]${rest} }`;
      await mesh.apply(
        ...manifests(
          route(
            "broken",
            `[${[
              rule("/omitted", ""),
              rule("/empty", ", backendRefs: []"),
              rule("/nobody", ", backendRefs: [{ name: nobody, port: 80 }]"),
              rule("/weightless", ", backendRefs: [{ name: echo-v1, port: 80, weight: 0 }]"),
              rule("/kind", ", backendRefs: [{ group: unknown.example, kind: NonExistent, name: echo-v1, port: 80 }]"),
              rule("/", `, ${backend(1)}`),
            ].join(", ")}]`,
          ),
        ),
      );
      const ref = refOf({
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
      }) as ResourceRef<WithConditions>;
      const object = await mesh.until(ref, { namespace: at, name: "broken" }, (now) =>
        conditionsOf(now).some(({ type, status }) => type === "towpath.dev/Enforced" && status === "True"),
      );
      expect(conditionsOf(object)).toContainEqual(
        expect.objectContaining({
          type: "ResolvedRefs",
          status: "False",
          reason: expect.stringMatching(/InvalidKind|BackendNotFound/),
        }),
      );
      await check(send, to("broken"), [
        ...["/omitted", "/empty", "/nobody", "/weightless", "/kind"].map((path): Case => [{ path }, { status: 500 }]),
        [{ path: "/other" }, v1],
      ]);
    });

    test("HTTPRouteRequestMirror: once, to several, and a share of them", async () => {
      const mirrorTo = (version: number, share = ""): string =>
        `{ type: RequestMirror, requestMirror: { backendRef: { name: echo-v${version}, port: 8080 }${share} } }`;
      const rule = (path: string, ...filters: string[]): string =>
        `{ matches: [{ path: { value: ${path} } }], filters: [${filters.join(", ")}], ${backend(1)} }`;
      await enact(
        mesh,
        route(
          "mirror",
          `[${[
            rule("/mirror", mirrorTo(2)),
            rule("/multi-mirror", mirrorTo(2), mirrorTo(3)),
            rule("/percent", mirrorTo(2, ", percent: 20")),
            rule("/fraction", mirrorTo(2, ", fraction: { numerator: 25, denominator: 50 }")),
            rule(
              "/edited",
              "{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /rewritten } } }",
              mirrorTo(3),
            ),
          ].join(", ")}]`,
        ),
      );
      await check(send, to("mirror"), [
        [{ path: "/mirror?id=1" }, v1],
        [{ path: "/multi-mirror?id=2", method: "POST", body: "text" }, v1],
        [{ path: "/edited?id=3" }, { ...v1, target: "/rewritten?id=3" }],
      ]);
      for (const path of ["/percent", "/fraction"]) {
        const told = await send(Array(150).fill({ ...to("mirror"), path }), 8);
        expect(told.every(({ status }) => status === 200)).toBe(true);
      }
      const seenBy = async (
        version: number,
        enough: (seen: readonly string[]) => boolean,
      ): Promise<readonly string[]> => {
        const deadline = performance.now() + 5_000;
        for (;;) {
          const [told] = await send([{ ...to(`echo-v${version}`), path: "/__seen" }]);
          const seen = told?.body as string[];
          if (enough(seen) || performance.now() > deadline) {
            return seen;
          }
        }
      };
      const atV3 = await seenBy(3, (seen) => seen.includes("/multi-mirror?id=2") && seen.includes("/rewritten?id=3"));
      expect(atV3).toEqual(expect.arrayContaining(["/multi-mirror?id=2", "/rewritten?id=3"]));
      expect(atV3).not.toContain("/mirror?id=1");
      const atV2 = await seenBy(2, (seen) => seen.includes("/mirror?id=1"));
      expect(atV2.filter((target) => target === "/mirror?id=1")).toHaveLength(1);
      expect(atV2.filter((target) => target === "/multi-mirror?id=2")).toHaveLength(1);
      near(atV2.filter((target) => target === "/percent").length, 150, 0.2);
      near(atV2.filter((target) => target === "/fraction").length, 150, 0.5);
    });
  });
}
