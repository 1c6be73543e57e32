import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../mesh-runtime/api/meta.ts";
import { createCertificateAuthority, createRoot } from "../../mesh-runtime/identity/certificate-authority.ts";
import { enact, hasCondition, manifests } from "../manifests.ts";
import { podRef } from "../workloads.ts";
import type { Ask } from "./ask.ts";
import { type Case, check, fromOutside } from "./cases.ts";
import { eventually } from "./eventually.ts";
import { at, backend, has, joined, listener, mesh, notFound, route, v1, v2, v3 } from "./gateway-place.ts";
import { gatewayAddress, gatewayRef, openGateways } from "./place.ts";

const authority = createCertificateAuthority(createRoot("conformance"));

/** A Secret with a certificate for these names. */
function certificate(namespace: string, name: string, ...dns: readonly string[]): KubeObject {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const { chain } = authority.issueServer(publicKey, { dns, ips: [] }, 3_600_000);
  return secret(namespace, name, chain.join(""), privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

const secret = (namespace: string, name: string, chain: string, key: string): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "kubernetes.io/tls",
    data: { "tls.crt": btoa(chain), "tls.key": btoa(key) },
  }) as KubeObject;

const https = (name: string, refs: string, more = "", port = 443): string =>
  `{ name: ${name}, port: ${port}, protocol: HTTPS, tls: { certificateRefs: [${refs}] }${more} }`;
const gateway = (name: string, listeners: readonly string[]): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: ${at}, annotations: { networking.istio.io/service-type: ClusterIP } }
spec: { gatewayClassName: istio, listeners: [${listeners.join(", ")}] }
`;

/** Ways to come and to leave again; each resolves when the connection is gone. */
const departures: readonly ((host: string, port: number) => Promise<void>)[] = [
  ...[(socket: Socket) => socket.destroy(), (socket: Socket) => socket.resetAndDestroy()].map(
    (leave) => async (host: string, port: number) => {
      const socket = connect({ host, port });
      socket.on("error", () => undefined);
      // The beginning of a ClientHello.
      socket.on("connect", () => socket.write(Buffer.from("16030100c8010000c40303", "hex"), () => leave(socket)));
      await once(socket, "close");
    },
  ),
  ...["h2", "http/1.1"].flatMap((alpn) =>
    [undefined, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /tls HTTP/1.1\r\nHost: example.org\r\n"].flatMap((text) =>
      ["connect", "secureConnect"].map((moment) => async (host: string, port: number) => {
        const plain = connect({ host, port });
        plain.on("error", () => undefined);
        const socket = connectTls({
          socket: plain,
          rejectUnauthorized: false,
          ALPNProtocols: [alpn],
          servername: "example.org",
        });
        socket.on("error", () => undefined);
        (moment === "connect" ? plain : socket).once(moment, () => {
          if (text !== undefined) {
            socket.write(text);
          }
          setImmediate(() => plain.resetAndDestroy());
        });
        await once(plain, "close");
        socket.destroy();
      }),
    ),
  ),
];

export function tlsSuite(): void {
  describe("TLS at a gateway", () => {
    test("HTTPRouteHTTPSListener, -DetectMisdirectedRequests, redirects: SNI chooses the certificate and the listener", async () => {
      await mesh.apply(
        certificate(at, "any", "example.org"),
        certificate(at, "second", "second-example.org"),
        certificate(at, "wildcard", "*.wildcard.org"),
      );
      const addresses = await openGateways(
        mesh,
        gateway("tls", [
          https("https", "{ name: any }"),
          https("second", "{ name: second }", ", hostname: second-example.org"),
          https("wildcard", "{ name: wildcard }", ', hostname: "*.wildcard.org"'),
          https("fourth", "{ name: wildcard }", ", hostname: fourth-example.wildcard.org"),
          "{ name: plain, port: 80, protocol: HTTP }",
        ]),
      );
      const of = (name: string, section: string, version: number, hostnames = "[]"): string =>
        route(name, `[{ matches: [{ path: { value: /tls } }], ${backend(version)} }]`, {
          parents: `[{ name: tls, sectionName: ${section} }]`,
          hostnames,
        });
      const redirect = (name: string, section: string, to: string): string =>
        route(
          name,
          `[{ matches: [{ path: { value: /go } }], filters: [{ type: RequestRedirect, requestRedirect: ${to} }] }]`,
          { parents: `[{ name: tls, sectionName: ${section} }]`, hostnames: "[example.org]" },
        );
      await enact(
        mesh,
        joined(
          of("tls-1", "https", 1, "[example.org]"),
          of("tls-2", "second", 2),
          of("tls-3", "wildcard", 3),
          of("tls-4", "fourth", 1),
          redirect("tls-up", "plain", "{ scheme: https, statusCode: 301 }"),
          redirect("tls-over", "https", "{ hostname: example.net }"),
        ),
      );
      const secure: Ask = { to: "example.org", at: `${addresses.get("tls")}:8443`, path: "/tls" };
      const plain: Ask = { to: "example.org", at: `${addresses.get("tls")}:8080` };
      const row = (serverName: string, host: string, expected: Case[1]): Case[] => [
        [{ serverName, host }, expected],
        [{ serverName, host, protocol: "http2" }, expected],
      ];
      const misdirected: Case[1] = { status: 421 };
      await check(fromOutside, secure, [
        [{ serverName: "example.org" }, { ...v1, certificate: "DNS:example.org" }],
        [
          { serverName: "second-example.org", host: "second-example.org" },
          { ...v2, certificate: "DNS:second-example.org" },
        ],
        [
          { serverName: "third-example.wildcard.org", host: "third-example.wildcard.org" },
          { ...v3, certificate: "DNS:*.wildcard.org" },
        ],
        ...row("example.org", "second-example.org", misdirected),
        ...row("example.org", "unknown-example.org", notFound),
        ...row("second-example.org", "example.org", misdirected),
        ...row("second-example.org", "unknown-example.org", misdirected),
        ...row("third-example.wildcard.org", "fifth-example.wildcard.org", v3),
        ...row("third-example.wildcard.org", "fourth-example.wildcard.org", misdirected),
        ...row("third-example.wildcard.org", "second-example.org", misdirected),
        ...row("third-example.wildcard.org", "unknown-example.org", misdirected),
        ...row("fourth-example.wildcard.org", "fourth-example.wildcard.org", v1),
        ...row("fourth-example.wildcard.org", "fifth-example.wildcard.org", misdirected),
        ...row("unknown-example.org", "example.org", v1),
        ...row("unknown-example.org", "unknown-example.org", notFound),
        [{ serverName: "", host: "example.org" }, v1],
        [{ serverName: "example.org" }, { seen: { "x-forwarded-proto": "https" } }],
        [
          { serverName: "example.org", path: "/go/a?b=c" },
          { status: 302, headers: { location: "https://example.net/go/a?b=c" } },
        ],
        [
          { ...plain, path: "/go/a?b=c" },
          { status: 301, headers: { location: "https://example.org/go/a?b=c" } },
        ],
        [{ serverName: "example.org", protocol: "http2", method: "POST", body: "x".repeat(200_000) }, v1],
        [
          { serverName: "example.org", protocol: "websocket" },
          { status: 101, body: ["hello", [1, 2, 3]] },
        ],
        // What was said about HTTPS is not served in plain text, and the other way round.
        [plain, notFound],
      ]);
    });

    test("clients that leave at any moment of a handshake cost nobody else anything", async () => {
      const address = await gatewayAddress(mesh, at, "tls");
      for (let round = 0; round < 10; round += 1) {
        await Promise.all(departures.map((depart) => depart(address, 8443)));
      }
      await check(fromOutside, { to: "example.org", at: `${address}:8443`, path: "/tls", serverName: "example.org" }, [
        [{}, v1],
        [{ protocol: "http2" }, v1],
      ]);
      const { items } = await mesh.client.list(podRef, {
        namespace: at,
        labelSelector: "gateway.networking.k8s.io/gateway-name=tls",
      });
      const starts = items.flatMap(
        ({ status }) => (status as { containerStatuses?: { restartCount: number }[] }).containerStatuses ?? [],
      );
      expect(starts.map(({ restartCount }) => restartCount)).toEqual([0]);
    });

    test("a certificate that is renewed is served without a new pod", async () => {
      await mesh.apply(certificate(at, "second", "second-example.org", "renewed.example.org"));
      const address = `${await gatewayAddress(mesh, at, "tls")}:8443`;
      await eventually(() =>
        check(fromOutside, { to: "second-example.org", at: address, path: "/tls", serverName: "second-example.org" }, [
          [{}, { ...v2, certificate: "DNS:second-example.org, DNS:renewed.example.org" }],
        ]),
      );
    });

    test("GatewayInvalidTLSConfiguration, GatewaySecretReferenceGrant: conditions, and no listener without its certificate", async () => {
      const granted = (name: string, from: string, to: string): string => `
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: ${name}, namespace: web }
spec: { from: [${from}], to: [${to}] }
`;
      const right = "{ group: gateway.networking.k8s.io, kind: Gateway, namespace: infra }";
      await mesh.apply(
        secret(at, "malformed", "Hello world\n", "Hello world\n"),
        certificate("web", "foreign", "foreign.example"),
        certificate("web", "other", "other.example"),
        ...manifests(
          joined(
            granted(
              "wrong-group",
              "{ group: example.com, kind: Gateway, namespace: infra }",
              '{ group: "", kind: Secret, name: foreign }',
            ),
            granted(
              "wrong-kind",
              "{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: infra }",
              '{ group: "", kind: Secret, name: foreign }',
            ),
            granted(
              "wrong-namespace",
              "{ group: gateway.networking.k8s.io, kind: Gateway, namespace: app }",
              '{ group: "", kind: Secret, name: foreign }',
            ),
            granted("wrong-to", right, '{ group: "", kind: Service, name: foreign }'),
            granted("other", right, '{ group: "", kind: Secret, name: other }'),
          ),
        ),
        ...manifests(
          gateway("bad-tls", [
            https("missing", '{ group: "", kind: Secret, name: nonexistent }', "", 8501),
            https("group", "{ group: wrong.example, kind: Secret, name: any }", "", 8502),
            https("kind", '{ group: "", kind: WrongKind, name: any }', "", 8503),
            https("malformed", "{ name: malformed }", "", 8504),
            https("foreign", "{ name: foreign, namespace: web }", "", 8505),
            https("other", "{ name: other, namespace: web }", "", 8506),
          ]),
        ),
      );
      for (const [name, reason] of [
        ["missing", "InvalidCertificateRef"],
        ["group", "InvalidCertificateRef"],
        ["kind", "InvalidCertificateRef"],
        ["malformed", "InvalidCertificateRef"],
        ["foreign", "RefNotPermitted"],
      ] as const) {
        const status = await listener("bad-tls", name, (found) => has(found, "ResolvedRefs", "False", reason));
        expect([name, status && has(status, "Programmed", "False", "Invalid")]).toEqual([name, true]);
      }
      await listener("bad-tls", "other", (found) => has(found, "ResolvedRefs", "True", "ResolvedRefs"));
      await mesh.apply(...manifests(granted("all", right, '{ group: "", kind: Secret }')));
      await listener("bad-tls", "foreign", (found) => has(found, "ResolvedRefs", "True", "ResolvedRefs"));
      await enact(mesh, route("bad-tls", `[{ ${backend(1)} }]`, { parents: "[{ name: bad-tls }]", hostnames: "[]" }));
      await mesh.until(gatewayRef, { namespace: at, name: "bad-tls" }, (object) => hasCondition(object, "Programmed"));
      const address = await gatewayAddress(mesh, at, "bad-tls");
      const on = (port: number, serverName: string): Partial<Ask> => ({
        at: `${address}:${port}`,
        serverName,
      });
      await eventually(() =>
        check(fromOutside, { to: "foreign.example" }, [
          [on(8505, "foreign.example"), { ...v1, certificate: "DNS:foreign.example" }],
          [on(8506, "other.example"), { ...v1, certificate: "DNS:other.example" }],
          [on(8501, "any.example"), { status: 0 }],
          [on(8504, "any.example"), { status: 0 }],
        ]),
      );
    });
  });
}
