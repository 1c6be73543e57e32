import { describe, test } from "vitest";
import { enact, manifests, retract } from "../manifests.ts";
import { serviceRef } from "../workloads.ts";
import { allowed, at, curl, denied, mesh, outside, policy, to } from "./authz-place.ts";
import { type Case, check, fromOutside } from "./cases.ts";
import { eventually } from "./eventually.ts";
import { Issuer, issuer } from "./tokens.ts";

const route = (name: string, service: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: ${at} }
spec:
  parentRefs: [{ name: ingress, namespace: istio-ingress }]
  hostnames: [${name}.test]
  rules: [{ backendRefs: [{ name: ${service}, port: 80 }] }]
`;
const good = "127.0.0.5";
const bad = "127.0.0.6";
const gateway = { gateway: true };
const source = (field: string, values: string): string => `[{ from: [{ source: { ${field}: [${values}] } }] }]`;

export function ingressSuite(): void {
  describe("Istio's task: access at the ingress gateway", () => {
    const by = (name: string, field: string, action: string, values: string): string =>
      policy(name, "", action, source(field, values), gateway);
    const rows = (first: Case[1], second: Case[1], headers: Record<string, string> = {}): Case[] => [
      [{ from: good, headers }, first],
      [{ from: bad, headers }, second],
    ];

    test.each([
      ["ipBlocks", "ALLOW", `"${good}"`, allowed, denied],
      ["ipBlocks", "ALLOW", '"127.0.0.4/31"', allowed, denied],
      ["ipBlocks", "DENY", `"${good}"`, denied, allowed],
      ["notIpBlocks", "DENY", `"${good}"`, allowed, denied],
      ["remoteIpBlocks", "ALLOW", `"${good}"`, allowed, denied],
      ["remoteIpBlocks", "DENY", `"${good}"`, denied, allowed],
      ["notRemoteIpBlocks", "ALLOW", `"${good}"`, denied, allowed],
    ] as const)("%s, %s %s", async (field, action, values, first, second) => {
      await enact(mesh, `${route("edge", "httpbin")}---${by("by-address", field, action, values)}`);
      await check(fromOutside, outside("edge.test"), [
        ...rows(first, second),
        // Nobody outside is trusted to say where a request came from.
        ...rows(first, second, { "x-forwarded-for": good }),
        ...rows(first, second, { "x-forwarded-for": bad, "x-real-ip": bad, forwarded: `for=${bad}` }),
      ]);
      await retract(mesh, by("by-address", field, action, values));
    });

    test("by host, with and without port; lower layers of the mesh are not asked", async () => {
      const hosts = policy(
        "by-host",
        "",
        "ALLOW",
        '[{ to: [{ operation: { hosts: [edge.test, "edge.test:*"] } }] }]',
        gateway,
      );
      await enact(mesh, `${route("other", "httpbin")}---${hosts}`);
      await check(fromOutside, outside("edge.test"), [
        [{}, allowed],
        [{ host: "EDGE.test" }, allowed],
        [{ host: "edge.test:8080" }, allowed],
        [{ host: "other.test" }, denied],
      ]);
      await retract(mesh, hosts);
    });

    test("an external authorizer decides at the gateway too", async () => {
      const custom = policy("ask", "", "CUSTOM", "[{ to: [{ operation: { paths: [/headers] } }] }]", {
        ...gateway,
        provider: "sample-ext-authz-http",
      });
      await enact(mesh, custom);
      await check(fromOutside, outside("edge.test"), [
        [{ path: "/headers" }, { status: 403, headers: { "x-ext-authz-check-result": "denied" } }],
        [
          { path: "/headers", headers: { "x-ext-authz": "allow" } },
          { ...allowed, seen: { "x-ext-authz-check-result": "allowed" } },
        ],
        [{ path: "/ip" }, allowed],
      ]);
      await retract(mesh, custom);
    });

    test("end-user authentication at the gateway: 401 for a bad token, 403 for none, the path decides", async () => {
      const keys = await Issuer.create();
      const rules = `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: ingress-jwt, namespace: istio-ingress }
spec: { targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: ingress }], jwtRules: [{ issuer: "${issuer}", jwks: '${keys.keys}' }] }
---${policy("frontend-ingress", "", "DENY", '[{ from: [{ source: { notRequestPrincipals: ["*"] } }], to: [{ operation: { paths: [/headers] } }] }]', gateway)}`;
      await enact(mesh, rules);
      const token = { authorization: `Bearer ${await keys.sign()}` };
      await check(fromOutside, outside("edge.test"), [
        [{ path: "/headers" }, denied],
        [{ path: "/headers", headers: token }, allowed],
        [{ path: "/ip" }, allowed],
        [{ path: "/ip", headers: { authorization: "Bearer deadbeef" } }, { status: 401 }],
        [{ path: "/x/../headers" }, denied],
      ]);
      await retract(mesh, rules);
    });

    test("the ingress passes by the waypoint, unless the service says otherwise; then the waypoint knows the client's address", async () => {
      const remote = policy("by-remote", "remote", "ALLOW", source("remoteIpBlocks", `"${good}"`));
      await enact(mesh, `${route("remote", "remote")}---${remote}`);
      await check(fromOutside, outside("remote.test"), rows(allowed, allowed));
      await mesh.apply(
        ...manifests(`
apiVersion: v1
kind: Service
metadata: { name: remote, namespace: ${at}, labels: { istio.io/ingress-use-waypoint: "true" } }
spec: { selector: { app: echo }, ports: [{ name: http, port: 80, targetPort: 3000, appProtocol: http }] }
`),
      );
      await mesh.until(serviceRef, { namespace: at, name: "remote" }, (object) =>
        Boolean(
          object?.status?.conditions?.some(({ message }) =>
            message?.endsWith("Ingress traffic will traverse the waypoint"),
          ),
        ),
      );
      await eventually(() =>
        check(fromOutside, outside("remote.test"), [
          ...rows(allowed, denied),
          ...rows(allowed, denied, { "x-forwarded-for": good }),
          ...rows(allowed, denied, { "x-forwarded-for": `${bad}, ${good}` }),
        ]),
      );
      // A pod is no proxy: what it says of addresses is not believed.
      await check(curl, to("remote"), [
        [{ headers: { "x-forwarded-for": good } }, denied],
        [{}, denied],
      ]);
    });
  });
}
