import { describe, expect, test } from "vitest";
import { type DenialGroup, denialGroup } from "@/server/contracts/denials.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { TelemetryMemory } from "@/server/telemetry/memory.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";
import { labels } from "@/server/telemetry/sample.suite.ts";
import { groupDenials } from "./group-denials.ts";

const now = 10_000_000_000;
const callers = {
  metadata: { namespace: "web-api", name: "web-api-callers" },
  spec: {
    selector: { matchLabels: { app: "web-api" } },
    action: "ALLOW",
    rules: [{ from: [{ source: { serviceAccounts: ["istio-ingress/ingress-istio"] } }] }],
  },
};
const denyAll = { metadata: { namespace: "istio-system", name: "deny-all" }, spec: {} };

interface Told extends Partial<DenialIdentity> {
  readonly from?: string | undefined;
  readonly to?: string;
  readonly count?: number;
  readonly agoMs?: number;
  readonly plain?: boolean;
}

function explain(told: readonly Told[], sample: SampleOptions = {}): DenialGroup[] {
  const telemetry = new TelemetryMemory();
  for (const {
    from = "default/sleep",
    to = "web-api/web-api",
    count = 1,
    agoMs = 5_000,
    plain = false,
    ...more
  } of told) {
    const timeUnixMs = now - agoMs;
    telemetry.take(
      "logs",
      {
        proxy: "ztunnel~node-a",
        node: "node-a",
        batch: "",
        requests: [],
        connections: [],
        shapes: [],
        access: [],
        secured: [],
        clusters: [],
        shadows: [],
        copies: [],
        names: [],
        spans: [],
        status: [],
        denials: [
          {
            labels: labels(from, to, {
              reporter: "destination",
              ...(plain ? { source_principal: "unknown", connection_security_policy: "none" } : {}),
            }),
            hop: "agent",
            node: "node-a",
            reason: "no-allow-policy-matched",
            policy: "web-api/web-api-callers",
            rule: 0,
            attribute: "source.serviceAccount",
            evaluated: ["web-api/web-api-callers"],
            destinationPort: 8080,
            method: "",
            path: "",
            host: "",
            answer: 0,
            ...more,
            timeUnixMs,
            count,
            sourceIp: "10.0.3.1",
            sourcePod: "sleep-1",
            destinationPod: "web-api-1",
          },
        ],
      },
      timeUnixMs,
      now,
    );
  }
  return denialGroup.array().parse(
    groupDenials({
      denials: telemetry.denials,
      inventory: sampleInventory({
        enrolled: ["web-api", "default", "recommendation"],
        authorizationPolicies: [callers, denyAll],
        ...sample,
      }),
      startMs: now - 600_000,
      endMs: now,
      changes: new Map([
        [
          "AuthorizationPolicy web-api/web-api-callers",
          { id: "x", number: 7, title: "Let ingress-istio call web-api", author: "Pat", timeUnixMs: 1 },
        ],
      ]),
      inForce: [],
    }),
  );
}

describe("why was it denied", () => {
  test("adds alike refusals up and names policy, rule, attribute, what it asks for and what came", () => {
    const [group, ...others] = explain([{ count: 3 }, { count: 4, agoMs: 65_000 }]);
    expect(others).toEqual([]);
    expect(group).toMatchObject({
      from: "default/sleep",
      to: "web-api/web-api",
      count: 7,
      reasonTitle: "Identity not named",
      policy: { namespace: "web-api", name: "web-api-callers" },
      policyAction: "ALLOW",
      rule: 0,
      expected: ["istio-ingress/ingress-istio"],
      was: "cluster.local/ns/default/sa/sleep",
      answerTitle: "reset",
      since: { number: 7 },
    });
    expect(group?.trend.values.slice(-2)).toEqual([4, 3]);
    expect(group?.steps.map(({ outcome }) => outcome)).toEqual(["passed", "passed", "failed", "failed"]);
  });

  test("opens the path that repairs it, filled in", () => {
    expect(explain([{}])[0]?.fix).toMatchObject({
      slug: "let-a-caller-in",
      values: {
        service: { namespace: "web-api", name: "web-api" },
        callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }],
        ports: [8080],
      },
    });
    // The service's port, not the pod's.
    expect(explain([{ from: "web-api/web-api", to: "default/sleep" }])[0]?.fix?.values).toMatchObject({ ports: [80] });
    // Plain text from a service: it must join first.
    const plain = explain([{ plain: true }], { enrolled: ["web-api"] })[0];
    expect(plain).toMatchObject({ reasonTitle: "Plain text, no identity", fix: { slug: "join-the-mesh" } });
  });

  test("keeps refusals with and without a proven identity apart", () => {
    expect(explain([{}, { plain: true }])).toHaveLength(2);
  });

  test.each([
    [{ policy: "istio-system/deny-all", attribute: "none" as const, rule: -1 }, "No rule allows it"],
    [{ attribute: "destination.port" as const }, "Port not allowed"],
    [{ attribute: "request.host" as const, hop: "gateway" as const, answer: 403 }, "Host not allowed"],
    [{ reason: "denied-by-policy" as const }, "Denied by a rule"],
    [
      { reason: "denied-by-policy" as const, policy: "istio-system/istio_converted_static_strict", plain: true },
      "Plain text, mutual TLS required",
    ],
    [{ reason: "certificate-expired" as const, policy: "" }, "Certificate expired"],
    [{ reason: "not-synced" as const, policy: "" }, "Proxy has no policy yet"],
  ])("calls %j by its name", (told, title) => {
    const [group] = explain([told]);
    expect(group?.reasonTitle).toBe(title);
    expect(group?.sentence).not.toBe("");
    expect(group?.steps.at(-1)?.text).not.toBe("");
  });

  test("points from the mesh's translation to the PeerAuthentication behind it", () => {
    const strict = { metadata: { namespace: "web-api", name: "default" }, spec: { mtls: { mode: "STRICT" } } };
    const [group] = explain(
      [{ reason: "denied-by-policy", policy: "istio-system/istio_converted_static_strict", plain: true }],
      { peerAuthentications: [strict] },
    );
    expect(group?.policy).toMatchObject({ kind: "PeerAuthentication", namespace: "web-api", name: "default" });
  });
});
