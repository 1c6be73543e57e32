import { describe, expect, test } from "vitest";
import { type Impact, impact } from "@/server/contracts/golden-paths.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import type { ShapeCounts, ShapeIdentity } from "@/server/telemetry/records.ts";
import { labels } from "@/server/telemetry/sample.suite.ts";
import { assessImpact } from "./impact.ts";
import { ShapeColumns } from "./shape-columns.ts";

const everywhere = ["web-api", "recommendation", "purchase-history", "default"];
const policy = (
  namespace: string,
  name: string,
  spec: object,
): NonNullable<SampleOptions["authorizationPolicies"]>[number] => ({
  metadata: { namespace, name },
  spec,
});
const denyAll = (namespace: string) => policy(namespace, "deny-all", {});
const callers = (accounts: readonly string[], ports = ["8080"]) =>
  policy("web-api", "web-api-callers", {
    selector: { matchLabels: { app: "web-api" } },
    action: "ALLOW",
    rules: [{ from: [{ source: { serviceAccounts: accounts } }], to: [{ operation: { ports } }] }],
  });
const strict = { metadata: { namespace: "web-api", name: "default" }, spec: { mtls: { mode: "STRICT" } } };

const shape = (
  from: string | undefined,
  to: string,
  count: number,
  more: Partial<ShapeIdentity> = {},
): { identity: ShapeIdentity; counts: ShapeCounts } => ({
  identity: {
    labels: labels(from, to),
    destinationPort: 8080,
    method: "GET",
    path: "/",
    responseCode: 200,
    decision: "allowed",
    ...more,
  },
  counts: { count, lastUnixMs: 50_000 },
});
const outside = shape(undefined, "istio-ingress/ingress-istio", 50, {
  labels: labels(undefined, "istio-ingress/ingress-istio", { reporter: "destination" }),
});
const usual = [
  shape("istio-ingress/ingress-istio", "web-api/web-api", 50),
  shape("web-api/web-api", "recommendation/recommendation", 40),
  shape("default/sleep", "web-api/web-api", 5, { method: "", path: "" }),
];

interface PolicyState {
  readonly authorizationPolicies: NonNullable<SampleOptions["authorizationPolicies"]>;
  readonly peerAuthentications: NonNullable<SampleOptions["peerAuthentications"]>;
  readonly enrolled: readonly string[];
}

function assess(
  after: Partial<PolicyState>,
  before: Partial<PolicyState> = {},
  sample: SampleOptions = {},
  shapes = usual,
): Impact {
  return impact.parse(
    assessImpact({
      shapes: columnsOf(shapes),
      before: sampleInventory({ enrolled: everywhere, ...sample, ...before }),
      after: sampleInventory({ enrolled: everywhere, ...sample, ...after }),
      trustDomain: "cluster.local",
      windowSeconds: 3_600,
      observedSinceUnixMs: 1,
      concerns: () => true,
    }),
  );
}
function columnsOf(shapes: typeof usual): ShapeColumns {
  const columns = new ShapeColumns();
  for (const { identity, counts } of shapes) {
    columns.add(identity, counts);
  }
  return columns;
}
const verdicts = (of: Impact): string[] =>
  of.rows.map(({ caller, service, before, after }) => `${caller.title} ${service.name} ${before} ${after}`).sort();

describe("impact", () => {
  test("a lock-down of the mesh cuts off every caller that no rule names, with counts", () => {
    const result = assess({ authorizationPolicies: [denyAll("istio-system")] });
    expect(verdicts(result)).toEqual([
      "ingress-istio web-api allowed denied",
      "sleep web-api allowed denied",
      "web-api recommendation allowed denied",
    ]);
    expect(result.becomeDenied).toEqual({ count: 95, callers: 3 });
  });

  test("a lock-down of one namespace touches its own callers only", () => {
    const result = assess({ authorizationPolicies: [denyAll("web-api")] });
    expect(result.becomeDenied).toEqual({ count: 55, callers: 2 });
    expect(result.unchanged).toEqual({ count: 40, callers: 1 });
  });

  test("a caller is let in by its identity; the others stay out", () => {
    const result = assess(
      { authorizationPolicies: [denyAll("web-api"), callers(["istio-ingress/ingress-istio"])] },
      { authorizationPolicies: [denyAll("web-api")] },
    );
    expect(verdicts(result)).toContain("ingress-istio web-api denied allowed");
    expect(verdicts(result)).toContain("sleep web-api denied denied");
    expect(result.becomeAllowed).toEqual({ count: 50, callers: 1 });
  });

  test("a rule for another port does not let the caller in", () => {
    const result = assess(
      { authorizationPolicies: [denyAll("web-api"), callers(["istio-ingress/ingress-istio"], ["9090"])] },
      { authorizationPolicies: [denyAll("web-api")] },
    );
    expect(result.becomeAllowed.count).toBe(0);
  });

  test("a caller outside the mesh proves no identity, so naming it does not help", () => {
    const result = assess(
      { authorizationPolicies: [denyAll("web-api"), callers(["default/sleep"])] },
      { authorizationPolicies: [denyAll("web-api")] },
      { enrolled: ["web-api"] },
    );
    expect(verdicts(result)).toContain("sleep web-api denied denied");
  });

  test("no rule holds where the service is not in the mesh, and all of them do once it joins", () => {
    const rules = { authorizationPolicies: [denyAll("web-api")] };
    const sample = { enrolled: ["default"] };
    expect(assess(rules, rules, sample).rows.every(({ after }) => after === "allowed")).toBe(true);
    const joined = assess({ ...rules, enrolled: ["default", "web-api"] }, rules, sample);
    expect(joined.becomeDenied).toEqual({ count: 55, callers: 2 });
  });

  test("requiring mutual TLS cuts off callers in plain text", () => {
    const result = assess({ peerAuthentications: [strict] }, {}, { enrolled: ["web-api"] });
    expect(verdicts(result)).toContain("sleep web-api allowed denied");
    expect(verdicts(result)).toContain("ingress-istio web-api allowed allowed");
    expect(result.rows[0]?.reason).toContain("plain text");
  });

  test("the gateway's own policy decides about callers from outside", () => {
    const open = policy("istio-ingress", "ingress-open", {
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "ingress" }],
      rules: [{ to: [{ operation: { hosts: ["istioinaction.io"] } }] }],
    });
    const closed = assess({ authorizationPolicies: [denyAll("istio-system")] }, {}, {}, [outside]);
    expect(verdicts(closed)).toEqual(["outside ingress-istio allowed denied"]);
    const kept = assess({ authorizationPolicies: [denyAll("istio-system"), open] }, {}, {}, [outside]);
    expect(verdicts(kept)).toEqual(["outside ingress-istio allowed allowed"]);
  });

  test("says unknown where the caller is gone, and nothing where nothing was seen", () => {
    const gone = assess({}, {}, {}, [shape("default/gone", "web-api/web-api", 3)]);
    expect(verdicts(gone)).toEqual(["gone web-api unknown unknown"]);
    expect(gone.unknown.count).toBe(3);
    const empty = assess({ authorizationPolicies: [denyAll("istio-system")] }, {}, {}, []);
    expect(empty.observedSinceUnixMs).toBe(0);
    expect(empty.notes[0]).toContain("No traffic was observed");
  });

  test("counts requests once, though the layer 4 view of them was told too", () => {
    const both = [...usual, shape("web-api/web-api", "recommendation/recommendation", 7, { method: "", path: "" })];
    const row = assess({}, {}, {}, both).rows.find(({ caller }) => caller.title === "web-api");
    expect(row).toMatchObject({ unit: "requests", count: 40 });
  });
});

describe("impact behind a waypoint", () => {
  const targetRefs = [{ group: "", kind: "Service", name: "httpbin" }];
  const sleep = [{ source: { serviceAccounts: ["default/sleep"] } }];
  const rule = (to: object, when: readonly object[] = []) =>
    policy("default", "httpbin-allow", { targetRefs, action: "ALLOW", rules: [{ from: sleep, to: [to], when }] });
  const asked = (method: string, path: string, count: number) =>
    shape("default/sleep", "default/httpbin", count, {
      labels: labels("default/sleep", "default/httpbin", { reporter: "waypoint" }),
      destinationPort: 8000,
      method,
      path,
    });
  const traffic = [asked("GET", "/headers", 40), asked("POST", "/headers", 3), asked("GET", "/ip", 7)];
  const behind = (after: Partial<PolicyState>, shapes = traffic): string[] =>
    assess(after, {}, { waypoint: "default" }, shapes)
      .rows.map(({ method, path, count, before, after: then }) => `${method} ${path} ${count} ${before} ${then}`)
      .sort();

  test("a rule for one method and path cuts off the others, one row for each", () => {
    const only = rule({ operation: { methods: ["GET"], paths: ["/headers"] } });
    expect(behind({ authorizationPolicies: [only] })).toEqual([
      "GET /headers 40 allowed allowed",
      "GET /ip 7 allowed denied",
      "POST /headers 3 allowed denied",
    ]);
    expect(assess({ authorizationPolicies: [only] }, {}, { waypoint: "default" }, traffic).becomeDenied).toEqual({
      count: 10,
      callers: 1,
    });
  });

  test("a deny rule for a path takes that path alone", () => {
    const no = policy("default", "no-ip", {
      targetRefs,
      action: "DENY",
      rules: [{ to: [{ operation: { paths: ["/ip"] } }] }],
    });
    const result = assess({ authorizationPolicies: [no] }, {}, { waypoint: "default" }, traffic);
    expect(result.rows[0]).toMatchObject({ path: "/ip", after: "denied", reason: "denied by default/no-ip" });
    expect(result.becomeDenied.count).toBe(7);
  });

  test.each([
    ["a header", [{ key: "request.headers[x-test-me]", values: ["*"] }]],
    ["an absent header", [{ key: "request.headers[x-test-me]", notValues: ["*"] }]],
  ])("what %s decides is not known; what method and path decide before it still is", (_, when) => {
    const after = { authorizationPolicies: [rule({ operation: { methods: ["GET"], paths: ["/headers"] } }, when)] };
    expect(behind(after)).toEqual([
      "GET /headers 40 allowed unknown",
      "GET /ip 7 allowed denied",
      "POST /headers 3 allowed denied",
    ]);
  });

  describe("a rule that asks for a claim", () => {
    const claim = [{ key: "request.auth.claims[groups]", values: ["staff"] }];
    const asks = rule({ operation: { methods: ["GET"], paths: ["/headers"] } }, claim);
    const verifies = {
      metadata: { namespace: "default", name: "httpbin-sign-in" },
      spec: { targetRefs, jwtRules: [{ issuer: "https://issuer.example", jwks: "{}" }] },
    };
    const withRule = (routing: NonNullable<SampleOptions["routing"]>): string[] =>
      assess({ authorizationPolicies: [asks] }, {}, { waypoint: "default", routing }, traffic)
        .rows.map(({ method, path, after }) => `${method} ${path} ${after}`)
        .sort();

    test("is not known where tokens are verified", () => {
      expect(withRule({ requestAuthentications: [verifies] as never })).toEqual([
        "GET /headers unknown",
        "GET /ip denied",
        "POST /headers denied",
      ]);
    });

    test("refuses where none is: no request has a verified token", () => {
      expect(withRule({})).toEqual(["GET /headers denied", "GET /ip denied", "POST /headers denied"]);
    });
  });

  test("a deny rule that asks for a header leaves unknown only what it could match", () => {
    const no = policy("default", "no-ip", {
      targetRefs,
      action: "DENY",
      rules: [{ to: [{ operation: { paths: ["/ip"] } }], when: [{ key: "request.headers[x-a]", values: ["1"] }] }],
    });
    expect(behind({ authorizationPolicies: [no] })).toEqual([
      "GET /headers 40 allowed allowed",
      "GET /ip 7 allowed unknown",
      "POST /headers 3 allowed allowed",
    ]);
  });

  test("a guard that names the waypoint alone leaves calls through it as they were", () => {
    const guard = policy("default", "guard", {
      selector: { matchLabels: { app: "httpbin" } },
      action: "ALLOW",
      rules: [{ from: [{ source: { serviceAccounts: ["default/waypoint"] } }] }],
    });
    expect(behind({ authorizationPolicies: [guard] }).every((row) => row.endsWith("allowed allowed"))).toBe(true);
  });

  test("a lock-down that does not let the waypoint in cuts everybody off, and says that it is the waypoint", () => {
    const result = assess({ authorizationPolicies: [denyAll("default")] }, {}, { waypoint: "default" }, traffic);
    expect(result.becomeDenied.count).toBe(50);
    expect(result.rows[0]?.reason).toContain("the waypoint itself is refused");
  });
});
