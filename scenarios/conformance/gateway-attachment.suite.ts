import { describe, expect, test } from "vitest";
import { enact, manifests, retract } from "../manifests.ts";
import { type Case, check, fromOutside } from "./cases.ts";
import { eventually } from "./eventually.ts";
import { ask, at, backend, joined, mesh, notFound, route, says, v1 } from "./gateway-place.ts";

export function attachmentSuite(): void {
  describe("who may attach and refer", () => {
    test("HTTPRouteCrossNamespace, HTTPRouteInvalidCrossNamespaceParentRef, allowedRoutes by label", async () => {
      const foreign = (name: string, section: string): string =>
        route(name, "[{ backendRefs: [{ name: web-v1, port: 8080 }] }]", {
          parents: `[{ name: same, namespace: ${at}, sectionName: ${section} }]`,
          namespace: "web",
        });
      await enact(mesh, joined(foreign("cross", "all"), foreign("selected", "selected")));
      await mesh.apply(...manifests(foreign("not-allowed", "http")));
      expect(await says("not-allowed", "Accepted", "False", "NotAllowedByListeners", "web")).toMatch(/not allowed/);
      await check(fromOutside, ask("same", "cross.test", 8081), [
        [{}, { backend: "web-v1" }],
        [ask("same", "selected.test", 8082), { backend: "web-v1" }],
        [ask("same", "not-allowed.test"), notFound],
        // A route of another listener is none of this one.
        [ask("same", "cross.test"), notFound],
      ]);
    });

    test("HTTPRouteReferenceGrant: refused, allowed, refused again when it is deleted; only what it names", async () => {
      const grant = (to: string, kind = "HTTPRoute", from = at): string => `
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: grant, namespace: app }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: ${kind}, namespace: ${from} }]
  to: [{ group: "", kind: Service${to} }]
`;
      await mesh.apply(
        ...manifests(
          route(
            "granted",
            `
    - { matches: [{ path: { value: /own } }], ${backend(1)} }
    - { backendRefs: [{ name: app-v1, namespace: app, port: 8080 }] }`,
          ),
        ),
      );
      const refused = async (): Promise<void> => {
        expect(await says("granted", "ResolvedRefs", "False", "RefNotPermitted")).toMatch(/missing a ReferenceGrant/);
        await reaches([
          [{}, { status: 500 }],
          [{ path: "/own" }, v1],
        ]);
      };
      const reaches = async (cases: readonly Case[]): Promise<void> => {
        await eventually(() => check(fromOutside, ask("same", "granted.test"), cases));
      };
      await refused();
      for (const wrong of [grant(", name: somebody-else"), grant("", "GRPCRoute"), grant("", "HTTPRoute", "web")]) {
        await mesh.apply(...manifests(wrong));
        await refused();
      }
      for (const right of [grant(", name: app-v1"), grant("")]) {
        await mesh.apply(...manifests(right));
        await says("granted", "ResolvedRefs", "True", "ResolvedRefs");
        await reaches([
          [{}, { backend: "app-v1" }],
          [{ path: "/own" }, v1],
        ]);
      }
      await retract(mesh, grant(""));
      await refused();
    });

    test.each([
      ["wrong-port", "[{ name: same, port: 81 }]", "NoMatchingParent"],
      ["wrong-section", "[{ name: same, port: 80, sectionName: http1 }]", "NoMatchingParent"],
      ["wrong-both", "[{ name: same, port: 81, sectionName: http }]", "NoMatchingParent"],
      ["wrong-kind", "[{ name: same, sectionName: grpc-only }]", "NotAllowedByListeners"],
    ])("a route with a %s of its parent is not accepted", async (name, parents, reason) => {
      await mesh.apply(...manifests(route(name, `[{ ${backend(1)} }]`, { parents })));
      await says(name, "Accepted", "False", reason);
      await check(fromOutside, ask("same", `${name}.test`), [[{}, notFound]]);
    });

    test("HTTPRouteInvalidNonExistentBackendRef, -BackendRefUnknownKind, HTTPRouteOmittedBackendRefs", async () => {
      await mesh.apply(
        ...manifests(
          joined(
            route("no-backend", "[{ backendRefs: [{ name: nobody, port: 8080 }] }]"),
            route(
              "no-kind",
              "[{ backendRefs: [{ group: unknown.example, kind: NonExistent, name: echo-v1, port: 80 }] }]",
            ),
          ),
        ),
      );
      await enact(
        mesh,
        route(
          "omitted",
          `[{ matches: [{ path: { type: Exact, value: /omitted } }] }, { matches: [{ path: { type: Exact, value: /empty } }], backendRefs: [] }, { ${backend(1)} }]`,
        ),
      );
      await says("no-backend", "ResolvedRefs", "False", "BackendNotFound");
      await says("no-kind", "ResolvedRefs", "False", "InvalidKind");
      await eventually(() =>
        check(fromOutside, ask("same", "omitted.test"), [
          [{ host: "no-backend.test" }, { status: 500 }],
          [{ host: "no-kind.test" }, { status: 500 }],
          [{ path: "/omitted" }, { status: 500 }],
          [{ path: "/empty" }, { status: 500 }],
          [{ path: "/forward" }, v1],
        ]),
      );
    });
  });
}
