import { describe, expect, test } from "vitest";
import { conditionsOf, enact, manifests } from "../manifests.ts";
import type { Ask } from "./ask.ts";
import { type Case, check, fromOutside } from "./cases.ts";
import { eventually } from "./eventually.ts";
import { ask, at, backend, joined, mesh, notFound, route, rule, v1, v2, v3 } from "./gateway-place.ts";
import { gatewayRef } from "./place.ts";

export function filterSuite(): void {
  describe("what a rule does at a gateway", () => {
    test("fields, rewrites (HTTPRouteRewriteHost, -Path), redirects with the listener's port", async () => {
      const filter = (path: string, filters: string, rest = `, ${backend(1)}`): string =>
        `{ matches: [{ path: { value: ${path} } }], filters: [${filters}]${rest} }`;
      const edit = "{ set: [{ name: X-Set, value: set }], add: [{ name: X-Add, value: add }], remove: [X-Remove] }";
      await enact(
        mesh,
        joined(
          route(
            "edits",
            `[${[
              filter("/request", `{ type: RequestHeaderModifier, requestHeaderModifier: ${edit} }`),
              filter("/response", `{ type: ResponseHeaderModifier, responseHeaderModifier: ${edit} }`),
              filter("/one", "{ type: URLRewrite, urlRewrite: { hostname: one.example.org } }"),
              filter(
                "/prefix",
                "{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } } }",
              ),
              filter("/plain", "{ type: RequestRedirect, requestRedirect: { hostname: example.org } }", ""),
              filter("/port", "{ type: RequestRedirect, requestRedirect: { hostname: example.org, port: 8080 } }", ""),
              filter(
                "/https",
                "{ type: RequestRedirect, requestRedirect: { scheme: https, hostname: example.org } }",
                "",
              ),
              filter(
                "/https-443",
                "{ type: RequestRedirect, requestRedirect: { scheme: https, port: 443, statusCode: 301 } }",
                "",
              ),
              filter("/https-8443", "{ type: RequestRedirect, requestRedirect: { scheme: https, port: 8443 } }", ""),
            ].join(", ")}]`,
          ),
          route(
            "other-port",
            `[${[
              filter("/plain", "{ type: RequestRedirect, requestRedirect: { hostname: example.org } }", ""),
              filter("/port-80", "{ type: RequestRedirect, requestRedirect: { hostname: example.org, port: 80 } }", ""),
              filter(
                "/https",
                "{ type: RequestRedirect, requestRedirect: { scheme: https, hostname: example.org } }",
                "",
              ),
            ].join(", ")}]`,
            { parents: "[{ name: same, sectionName: all }]" },
          ),
        ),
      );
      const location = (value: string, status = 302): Case[1] => ({ status, headers: { location: value } });
      const other = ask("same", "other-port.test", 8081);
      await check(fromOutside, ask("same", "edits.test"), [
        [
          { path: "/request", headers: { "x-add": "a", "x-remove": "b", "x-set": "c" } },
          { ...v1, seen: { "x-add": "a,add", "x-remove": null, "x-set": "set" } },
        ],
        [
          { path: "/response", headers: { "x-echo-set": "x-add=a;x-remove=b;x-set=c" } },
          { ...v1, headers: { "x-add": "a,add", "x-remove": null, "x-set": "set" } },
        ],
        [{ path: "/one" }, { seenHost: "one.example.org" }],
        [{ path: "/prefix/x" }, { target: "/x", seenHost: "edits.test" }],
        [{ path: "/plain" }, location("http://example.org/plain")],
        [{ path: "/port" }, location("http://example.org:8080/port")],
        [{ path: "/https" }, location("https://example.org/https")],
        [{ path: "/https-443?a=b" }, location("https://edits.test/https-443?a=b", 301)],
        [{ path: "/https-8443" }, location("https://edits.test:8443/https-8443")],
        [{ ...other, path: "/plain" }, location("http://example.org:8081/plain")],
        [{ ...other, path: "/port-80" }, location("http://example.org/port-80")],
        [{ ...other, path: "/https" }, location("https://example.org/https")],
      ]);
    });

    test("weights, timeouts, retries, mirrors and CORS", async () => {
      await enact(
        mesh,
        route(
          "more",
          `
    - { matches: [{ path: { value: /weight } }], backendRefs: [{ name: echo-v1, port: 8080, weight: 70 }, { name: echo-v2, port: 8080, weight: 30 }] }
    - { matches: [{ path: { value: /timeout } }], timeouts: { request: 300ms }, ${backend(1)} }
    - { matches: [{ path: { value: /retry } }], retry: { codes: [500], attempts: 2, backoff: 5ms }, ${backend(1)} }
    - matches: [{ path: { value: /mirror } }]
      filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: echo-v2, port: 8080 } } }, { type: RequestMirror, requestMirror: { backendRef: { name: echo-v3, port: 8080 } } }]
      ${backend(1)}
    - matches: [{ path: { value: /cors } }]
      filters: [{ type: CORS, cors: { allowOrigins: ["https://*.bar.com"], allowMethods: [GET], allowCredentials: true } }]
      ${backend(1)}`,
        ),
      );
      const told = await fromOutside(Array(200).fill({ ...ask("same", "more.test"), path: "/weight" }), 8);
      const first = told.filter(({ body }) => (body as { backend?: string }).backend === "echo-v1").length;
      expect(Math.abs(first - 140)).toBeLessThan(33);
      const cors = { origin: "https://a.bar.com", "access-control-request-method": "GET" };
      await check(fromOutside, ask("same", "more.test"), [
        [{ path: "/timeout" }, v1],
        [{ path: "/timeout?delay=1000" }, { status: 504, body: "upstream request timeout" }],
        [{ path: "/retry?responseCode=500&succeedAfter=2&uuid=g1" }, v1],
        [{ path: "/retry?responseCode=500&succeedAfter=3&uuid=g2" }, { status: 500 }],
        [{ path: "/mirror?gateway" }, v1],
        [
          { path: "/cors", method: "OPTIONS", headers: cors },
          {
            status: [200, 204],
            headers: { "access-control-allow-origin": "https://a.bar.com", "access-control-allow-credentials": "true" },
          },
        ],
        [
          { path: "/cors", method: "OPTIONS", headers: { ...cors, origin: "https://evil.com" } },
          { status: [200, 204, 403], headers: { "access-control-allow-origin": null } },
        ],
      ]);
      await enact(
        mesh,
        route(
          "seen",
          `[${rule("/__seen", 2)}, { matches: [{ path: { value: /3 } }], filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: /__seen } } }], ${backend(3)} }]`,
        ),
      );
      for (const path of ["/__seen", "/3"]) {
        await eventually(async () => {
          const [{ body } = { body: [] }] = await fromOutside([{ ...ask("same", "seen.test"), path }]);
          expect((body as string[]).filter((target) => target === "/mirror?gateway")).toHaveLength(1);
        });
      }
    });

    test("HTTPRouteBackendProtocolH2C, -WebSocket; HTTP/2 with prior knowledge from outside", async () => {
      await enact(
        mesh,
        joined(
          route("h2c", `[{ ${backend(1, 8081)} }]`),
          route("ws", `[{ ${backend(1, 8082)} }]`),
          route("h1", `[{ ${backend(1)} }]`),
        ),
      );
      await check(fromOutside, ask("same", "h2c.test"), [
        [{}, { ...v1, http: "2.0" }],
        [{ protocol: "http2" }, { ...v1, http: "2.0" }],
        [
          { protocol: "http2", host: "h1.test" },
          { ...v1, http: "1.1" },
        ],
        [
          { protocol: "websocket", host: "ws.test", path: "/ws" },
          { status: 101, body: ["hello", [1, 2, 3]] },
        ],
      ]);
    });

    test("GRPCRoute: methods, hostnames of listeners, trailers, streams", async () => {
      const call = (host: string, path = "/towpath.test.Echo/One"): Ask => ({
        ...ask("same", host, 8083),
        protocol: "grpc",
        path,
      });
      await enact(
        mesh,
        joined(
          route(
            "grpc",
            `
    - { matches: [{ method: { service: towpath.test.Echo, method: One } }], ${backend(1, 7070)} }
    - { matches: [{ method: { service: towpath.test.Echo, method: Two } }], ${backend(2, 7070)} }
    - { matches: [{ method: { method: Chat } }], ${backend(3, 7070)} }`,
            { kind: "GRPCRoute", parents: "[{ name: same, sectionName: grpc-only }]" },
          ),
          route("grpc-hosts", `[{ ${backend(2, 7070)} }]`, {
            kind: "GRPCRoute",
            parents: "[{ name: hosts, sectionName: listener-2 }]",
            hostnames: '["*.grpc.wildcard.io"]',
          }),
        ),
      );
      await check(fromOutside, call("grpc.test"), [
        [{}, { ...v1, headers: { "x-trailer": "echo-v1" } }],
        [{ path: "/towpath.test.Echo/Two" }, v2],
        [{ path: "/towpath.test.Echo/Three" }, { status: 12 }],
        [{ protocol: "chat", path: "/towpath.test.Echo/Chat" }, { body: ["a", "b", "c"] }],
        [{ host: "other.test" }, { status: 12 }],
        [{ ...call("a.grpc.wildcard.io"), at: ask("hosts", "").at ?? "" }, v2],
        [{ ...call("a.wildcard.io"), at: ask("hosts", "").at ?? "" }, { status: 12 }],
      ]);
    });

    test("GatewayModifyListeners, GatewayObservedGenerationBump: a listener more, and one less", async () => {
      const gateway = (...hostnames: readonly string[]): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: hosts, namespace: ${at}, annotations: { networking.istio.io/service-type: ClusterIP } }
spec:
  gatewayClassName: istio
  listeners: [${["very.specific.com", '"*.wildcard.io"', ...hostnames].map((hostname, index) => `{ name: listener-${index + 1}, port: 80, protocol: HTTP, hostname: ${hostname} }`).join(", ")}]
`;
      await mesh.apply(
        ...manifests(route("added", `[{ ${backend(3)} }]`, { parents: "[{ name: hosts }]", hostnames: "[]" })),
      );
      const generations: number[] = [];
      for (const hostnames of [["new.example", '"*.anotherwildcard.io"'], ['"*.anotherwildcard.io"']]) {
        await mesh.apply(...manifests(gateway(...hostnames)));
        const object = await mesh.until(gatewayRef, { namespace: at, name: "hosts" }, (now) =>
          conditionsOf(now).every(({ observedGeneration }) => Number(observedGeneration) === now?.metadata?.generation),
        );
        generations.push(object?.metadata?.generation ?? 0);
        const served = hostnames.includes("new.example");
        await eventually(() =>
          check(fromOutside, ask("hosts", "new.example"), [
            [{ path: "/x" }, served ? v3 : notFound],
            [{ path: "/s4", host: "foo.anotherwildcard.io" }, v1],
          ]),
        );
      }
      expect(new Set(generations).size).toBe(2);
    });
  });
}
