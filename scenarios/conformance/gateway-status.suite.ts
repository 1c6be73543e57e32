import { describe, expect, test } from "vitest";
import { conditionsOf, enact, manifests, retract } from "../manifests.ts";
import { podRef, serviceRef } from "../workloads.ts";
import { check, fromOutside } from "./cases.ts";
import { ask, at, backend, has, joined, listener, mesh, notFound, route, says, v1, v2 } from "./gateway-place.ts";
import { gatewayRef } from "./place.ts";

const gateway = (name: string, listeners: string, infrastructure = ""): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: ${at} }
spec: { gatewayClassName: istio, listeners: [${listeners}]${infrastructure} }
`;

export function statusSuite(): void {
  describe("what a Gateway says of itself", () => {
    test("GatewayInvalidRouteKind, unsupported protocols, conflicts of protocols, attached routes", async () => {
      const gateways = joined(
        gateway(
          "bad-kind",
          "{ name: http, port: 80, protocol: HTTP, allowedRoutes: { kinds: [{ kind: InvalidRoute }] } }",
        ),
        gateway(
          "mixed-kind",
          "{ name: http, port: 80, protocol: HTTP, allowedRoutes: { kinds: [{ kind: InvalidRoute }, { kind: HTTPRoute }] } }",
        ),
        gateway("bad-protocol", "{ name: http, port: 80, protocol: example.com/unknown }"),
        gateway(
          "conflict",
          "{ name: a, port: 8443, protocol: HTTP, hostname: a.test }, { name: b, port: 8443, protocol: HTTPS, hostname: b.test, tls: { certificateRefs: [{ name: none }] } }",
        ),
      );
      await mesh.apply(...manifests(gateways));
      await mesh.apply(
        ...manifests(
          route("unresolved", "[{ backendRefs: [{ name: does-not-exist, port: 8080 }] }]", {
            parents: "[{ name: conflict }]",
            hostnames: "[]",
          }),
        ),
      );
      const bad = await listener("bad-kind", "http", (status) =>
        has(status, "ResolvedRefs", "False", "InvalidRouteKinds"),
      );
      expect(bad).toMatchObject({ supportedKinds: [], attachedRoutes: 0 });
      const mixed = await listener("mixed-kind", "http", (status) =>
        has(status, "ResolvedRefs", "False", "InvalidRouteKinds"),
      );
      expect(mixed?.supportedKinds.map(({ kind }) => kind)).toEqual(["HTTPRoute"]);
      await listener("bad-protocol", "http", (status) => has(status, "Accepted", "False", "UnsupportedProtocol"));
      await listener("conflict", "b", (status) => has(status, "Conflicted", "True", "ProtocolConflict"));
      await listener(
        "conflict",
        "a",
        (status) => has(status, "Conflicted", "False", "NoConflicts") && status.attachedRoutes === 1,
      );
      await retract(mesh, gateways);
      // The GRPCRoute of the table before; an HTTPRoute that wanted to is not one of them.
      expect(await listener("same", "grpc-only", () => true)).toMatchObject({
        attachedRoutes: 1,
        supportedKinds: [{ kind: "GRPCRoute" }],
      });
    });

    test("GatewayInfrastructure, GatewayInvalidParametersRef", async () => {
      const one = "{ name: http, port: 80, protocol: HTTP }";
      const gateways = joined(
        gateway("marked", one, ", infrastructure: { labels: { key1: value1 }, annotations: { key2: value2 } }"),
        gateway("parameters", one, ", infrastructure: { parametersRef: { group: example.com, kind: Nope, name: x } }"),
      );
      await mesh.apply(...manifests(gateways));
      await mesh.until(gatewayRef, { namespace: at, name: "parameters" }, (object) =>
        conditionsOf(object).some(({ type, reason }) => type === "Accepted" && reason === "InvalidParameters"),
      );
      const service = await mesh.until(
        serviceRef,
        { namespace: at, name: "marked-istio" },
        (object) => object !== undefined,
      );
      expect(service?.metadata).toMatchObject({ labels: { key1: "value1" }, annotations: { key2: "value2" } });
      await mesh.until(gatewayRef, { namespace: at, name: "marked" }, (object) =>
        conditionsOf(object).some(({ type, status }) => type === "towpath.dev/Enforced" && status === "True"),
      );
      const { items } = await mesh.client.list(podRef, { namespace: at, labelSelector: "key1=value1" });
      expect(items.map(({ metadata }) => metadata?.annotations?.["key2"])).toEqual(["value2"]);
      await retract(mesh, gateways);
    });
  });

  describe("what a route may be made of", () => {
    test("HTTPRouteMultipleGateways, HTTPRouteServiceTypes (headless), filters of a back end", async () => {
      await mesh.apply(
        ...manifests(`
apiVersion: v1
kind: Service
metadata: { name: headless, namespace: ${at} }
spec: { clusterIP: None, selector: { version: v1 }, ports: [{ name: first-port, port: 8080, targetPort: 3000 }] }
`),
      );
      const filtered = (path: string, filter: string): string =>
        `{ matches: [{ path: { value: ${path} } }], backendRefs: [{ name: echo-v1, port: 8080, filters: [${filter}] }] }`;
      await enact(
        mesh,
        joined(
          route("two-gateways", `[{ ${backend(2)} }]`, {
            parents: "[{ name: same, sectionName: http }, { name: listeners, port: 8094 }]",
          }),
          route("headless", "[{ backendRefs: [{ name: headless, port: 8080 }] }]"),
          route(
            "backend-filters",
            `[${[
              filtered(
                "/full",
                "{ type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: /rewritten } } }",
              ),
              filtered(
                "/prefix",
                "{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /rewritten-prefix } } }",
              ),
              filtered(
                "/answer",
                "{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: x-b, value: y }] } }",
              ),
            ].join(", ")}]`,
          ),
        ),
      );
      await check(fromOutside, ask("same", "two-gateways.test"), [
        [{}, v2],
        [ask("listeners", "two-gateways.test", 8094), v2],
        [{ host: "headless.test" }, { status: 200 }],
        [
          { host: "backend-filters.test", path: "/full/original" },
          { ...v1, target: "/rewritten" },
        ],
        [
          { host: "backend-filters.test", path: "/prefix/original" },
          { ...v1, target: "/rewritten-prefix/original" },
        ],
        [
          { host: "backend-filters.test", path: "/answer" },
          { ...v1, headers: { "x-b": "y" } },
        ],
      ]);
    });

    test.each([
      ["backend-redirect", "{ type: RequestRedirect, requestRedirect: { hostname: example.org } }"],
      ["backend-mirror", "{ type: RequestMirror, requestMirror: { backendRef: { name: echo-v2, port: 8080 } } }"],
      ["backend-extension", "{ type: ExtensionRef, extensionRef: { group: example.com, kind: Foo, name: a } }"],
    ])("%s is not supported, and says so instead of serving without it", async (name, filter) => {
      await mesh.apply(
        ...manifests(route(name, `[{ backendRefs: [{ name: echo-v1, port: 8080, filters: [${filter}] }] }]`)),
      );
      expect(await says(name, "Accepted", "False", "UnsupportedValue")).toContain("rules[0].backendRefs[0].filters");
      await check(fromOutside, ask("same", `${name}.test`), [[{}, notFound]]);
    });

    test("a port that the Service does not have is 500, and a condition of ours", async () => {
      await mesh.apply(...manifests(route("no-port", "[{ backendRefs: [{ name: echo-v1, port: 9999 }] }]")));
      await says("no-port", "towpath.dev/Effective", "False", "BackendPortNotFound");
      await says("no-port", "towpath.dev/Enforced", "True", "AllProxiesInSync");
      await check(fromOutside, ask("same", "no-port.test"), [[{}, { status: 500 }]]);
    });
  });
}
