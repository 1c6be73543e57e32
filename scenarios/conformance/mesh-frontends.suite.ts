import { describe, test } from "vitest";
import type { ResourceRef } from "../../mesh-runtime/kube-client/resource.ts";
import { conditionsOf, enact, manifests, retract } from "../manifests.ts";
import { refOf } from "../mesh.ts";
import { podReady, type WithConditions } from "../workloads.ts";
import { check } from "./cases.ts";
import {
  accepted,
  at,
  backend,
  elsewhere,
  mesh,
  notFound,
  route,
  send,
  statusOf,
  to,
  v1,
  v2,
  v3,
} from "./mesh-place.ts";

export function frontendSuite(): void {
  test("MeshBasic: a client reaches a server, by its short name too, with every protocol", async () => {
    await check(send, { to: "echo:80" }, [
      [{}, { seenHost: "echo:80" }],
      [{ to: `echo.${at}:80` }, {}],
      [{ to: `echo.${at}.svc:8080` }, {}],
      [{ to: `echo.${at}.svc.cluster.local:80` }, {}],
      [{ to: `echo.${at}:8081`, protocol: "http2" }, { http: "2.0" }],
      [{ to: `echo.${at}:80`, protocol: "http2" }, { http: "1.1" }],
      [{ to: `echo.${at}:8081` }, { http: "2.0" }],
      [{ to: `echo.${at}:7070`, protocol: "grpc", path: "/towpath.test.Echo/One" }, {}],
      [{ to: `echo.${at}:7070`, protocol: "chat", path: "/towpath.test.Echo/Chat" }, { body: ["a", "b", "c"] }],
      [
        { to: `echo.${at}:8082`, protocol: "websocket", path: "/ws" },
        { status: 101, body: ["hello", [1, 2, 3]] },
      ],
      [{ to: `echo-v2.${at}:9090`, protocol: "tcp", body: "hi" }, { body: "echo-v2 hi" }],
      [{ path: "/p", method: "POST", body: "some text" }, { target: "/p" }],
    ]);
  });

  describe("what a route is for", () => {
    test("MeshTrafficSplit: exact paths to two versions", async () => {
      await enact(
        mesh,
        route(
          "split",
          `
    - { matches: [{ path: { type: Exact, value: /v1 } }], ${backend(1, 80)} }
    - { matches: [{ path: { type: Exact, value: /v2 } }], ${backend(2, 80)} }`,
        ),
      );
      await accepted("HTTPRoute", "split");
      await check(send, to("split"), [
        [{ path: "/v1" }, v1],
        [{ path: "/v2" }, v2],
        [{ path: "/" }, notFound],
      ]);
    });

    test("MeshPorts, MeshFrontend, MeshFrontendHostname: one port, one frontend, whatever the Host field says", async () => {
      const setting = (name: string, parent: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: frontend-${name}, namespace: ${at} }
spec:
  parentRefs: [{ group: "", kind: Service, name: echo-${name}${parent} }]
  rules:
    - filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: X-Header-Set, value: ${name} }] } }]
      backendRefs: [{ name: echo-${name}, port: 80 }]
`;
      const routes = `${setting("v1", ", port: 80")}---${setting("v2", "")}`;
      await enact(mesh, routes);
      const pod = await podReady(mesh, at, "echo-v2");
      await check(send, to("echo-v1"), [
        [{}, { ...v1, headers: { "X-Header-Set": "v1" } }],
        [{ to: `echo-v1.${at}:8080` }, { ...v1, headers: { "X-Header-Set": null } }],
        [{ to: `echo-v2.${at}:80` }, { ...v2, headers: { "X-Header-Set": "v2" } }],
        [{ to: `echo-v2.${at}:8080` }, { ...v2, headers: { "X-Header-Set": "v2" } }],
        [{ to: `${pod.status?.podIP}:3000` }, { ...v2, headers: { "X-Header-Set": null } }],
        [
          { to: `echo-v2.${at}:80`, host: "echo-v1" },
          { ...v2, seenHost: "echo-v1", headers: { "X-Header-Set": "v2" } },
        ],
        [
          { to: `echo-v1.${at}:8080`, host: `echo-v2.${at}` },
          { ...v1, headers: { "X-Header-Set": null } },
        ],
        [
          { to: `echo-v3.${at}:80`, host: `echo-v2.${at}` },
          { ...v3, headers: { "X-Header-Set": null } },
        ],
      ]);
      await retract(mesh, routes);
    });

    test("MeshConsumerRoute: a client's own route is accepted and has no effect, as with Istio's waypoints", async () => {
      await mesh.apply(
        ...manifests(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: consumer, namespace: mesh-consumer }
spec:
  parentRefs: [{ group: "", kind: Service, name: echo-v3, namespace: ${at} }]
  rules:
    - filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: X-Header-Set, value: set }] } }]
      backendRefs: [{ name: echo-v3, namespace: ${at}, port: 80 }]
`),
      );
      const ref = refOf({
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
      }) as ResourceRef<WithConditions>;
      await mesh.until(ref, { namespace: "mesh-consumer", name: "consumer" }, (object) =>
        conditionsOf(object).some(({ type, status }) => type === "Accepted" && status === "True"),
      );
      await check(elsewhere, to("echo-v3"), [[{}, { ...v3, headers: { "X-Header-Set": null } }]]);
      await check(send, to("echo-v3"), [[{}, { ...v3, headers: { "X-Header-Set": null } }]]);
    });

    test("HTTPRouteSimpleSameNamespace", async () => {
      await enact(mesh, route("simple", `[{ ${backend(1)} }]`));
      await accepted("HTTPRoute", "simple");
      await check(send, to("simple"), [
        [{}, v1],
        [{ path: "/anything?x=y" }, { ...v1, target: "/anything?x=y" }],
      ]);
    });

    test("several routes of one Service are one table of rules, the older first where they are equal", async () => {
      const named = (name: string, rules: string): string =>
        route("merged", rules).replace("name: merged", `name: ${name}`);
      await enact(
        mesh,
        named("merged-b", `[{ matches: [{ path: { value: /same } }, { path: { value: /b } }], ${backend(2)} }]`),
      );
      await enact(
        mesh,
        named(
          "merged-a",
          `[{ matches: [{ path: { value: /same } }, { path: { value: /same/longer } }], ${backend(1)} }]`,
        ),
      );
      const [a, b] = await Promise.all(["merged-a", "merged-b"].map((name) => statusOf("HTTPRoute", name)));
      // Times are whole seconds; within one the name decides.
      const sameAge = a?.metadata?.creationTimestamp === b?.metadata?.creationTimestamp;
      await check(send, to("merged"), [
        [{ path: "/b" }, v2],
        [{ path: "/same/longer" }, v1],
        [{ path: "/other" }, notFound],
        [{ path: "/same" }, sameAge ? v1 : v2],
      ]);
    });
  });
}
