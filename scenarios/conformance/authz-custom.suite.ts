import { describe, expect, test } from "vitest";
import { enact, retract } from "../manifests.ts";
import { allowed, at, curl, denied, mesh, policy, says, to } from "./authz-place.ts";
import { type Case, check } from "./cases.ts";

const refusal = "denied by ext_authz for not found header `x-ext-authz: allow` in the request";
const custom = (
  service: string,
  provider: string,
  rules = "[{ to: [{ operation: { paths: [/headers] } }] }]",
): string => policy("ext-authz", service, "CUSTOM", rules, { provider });
const asked = (value: string): Case[0] => ({ path: "/headers", headers: { "x-ext-authz": value } });

export function customSuite(): void {
  describe("Istio's task: an external authorizer", () => {
    test("over HTTP: asked where the rules say, refuses with its own answer, adds what it may", async () => {
      await enact(mesh, custom("custom", "sample-ext-authz-http"));
      await says("AuthorizationPolicy", "ext-authz", ["WaypointAccepted", "True", "Accepted"]);
      await check(curl, to("custom"), [
        [
          asked("deny"),
          { status: 403, body: refusal, headers: { "x-ext-authz-check-result": "denied", "x-secret": null } },
        ],
        [
          asked("allow"),
          {
            ...allowed,
            seen: {
              "x-ext-authz-check-result": "allowed",
              "x-ext-authz-received": `GET custom.${at}:80/headers`,
              "x-secret": null,
            },
            headers: { "x-ext-authz-check-result": null },
          },
        ],
        [
          { ...asked("allow"), headers: { "x-ext-authz": "allow", "x-ext-authz-check-result": "forged" } },
          { seen: { "x-ext-authz-check-result": "allowed" } },
        ],
        [{ path: "/headers" }, { status: 403, body: refusal }],
        [{ path: "/ip" }, { ...allowed, seen: { "x-ext-authz-check-result": null } }],
        [{ path: "/x/../headers" }, { status: 403, body: refusal }],
      ]);
    });

    test("over gRPC (ext_authz, as OPA's plugin speaks it), and it is told who asks", async () => {
      await enact(mesh, custom("custom", "sample-ext-authz-grpc"));
      await check(curl, to("custom"), [
        [asked("deny"), { status: 403, body: refusal, headers: { "x-ext-authz-check-result": "denied" } }],
        [
          asked("allow"),
          {
            ...allowed,
            seen: {
              "x-ext-authz-check-result": "allowed",
              "x-ext-authz-source": `spiffe://cluster.local/ns/${at}/sa/curl`,
            },
          },
        ],
        [{ path: "/ip" }, allowed],
      ]);
    });

    test("CUSTOM first, then DENY, then ALLOW: each may refuse what the one before let pass", async () => {
      const deny = policy(
        "deny",
        "custom",
        "DENY",
        '[{ to: [{ operation: { paths: [/headers] } }], when: [{ key: "request.headers[x-b]", values: ["1"] }] }]',
      );
      const allow = policy(
        "allow",
        "custom",
        "ALLOW",
        "[{ to: [{ operation: { methods: [GET], paths: [/headers, /ip] } }] }]",
      );
      await enact(mesh, `${deny}---${allow}`);
      await check(curl, to("custom"), [
        [asked("allow"), allowed],
        [asked("deny"), { status: 403, body: refusal }],
        [{ ...asked("allow"), headers: { "x-ext-authz": "allow", "x-b": "1" } }, denied],
        [{ ...asked("allow"), method: "POST" }, denied],
        [
          { ...asked("deny"), headers: { "x-ext-authz": "deny", "x-b": "1" } },
          { status: 403, body: refusal },
        ],
        [{ path: "/get" }, denied],
      ]);
      await retract(mesh, `${deny}---${allow}`);
    });

    test.each([
      ["unreachable", [{ status: 403 }, "True", "Effective"]],
      ["unreachable-status", [{ status: 503 }, "True", "Effective"]],
      ["unreachable-open", [allowed, "True", "Effective"]],
      // No such Service, and no such provider: what it would have been asked is refused, whatever was said about failures.
      ["no-service", [denied, "False", "HostNotFound"]],
      ["nobody-knows", [denied, "False", "UnknownProvider"]],
    ] as const)("an authorizer that is %s", async (provider, [expected, effective, reason]) => {
      await enact(mesh, custom("failing", provider).replace("name: ext-authz,", "name: ext-failing,"));
      await says("AuthorizationPolicy", "ext-failing", ["WaypointAccepted", "True", "Accepted"]);
      if (effective === "False") {
        expect(
          await says("AuthorizationPolicy", "ext-failing", ["towpath.dev/Effective", effective, reason]),
        ).toContain(provider === "nobody-knows" ? "nobody-knows" : "not-there");
      }
      await check(curl, to("failing"), [
        [asked("allow"), expected],
        [{ path: "/ip" }, allowed],
      ]);
    });
  });
}
