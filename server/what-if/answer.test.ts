import { describe, expect, test } from "vitest";
import { type WhatIf, whatIf, whatIfRequest } from "@/server/contracts/what-if.ts";
import { findService } from "@/server/inventory/model.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import { answerWhatIf } from "./answer.ts";

type Policy = NonNullable<SampleOptions["authorizationPolicies"]>[number];
const policy = (namespace: string, name: string, spec: object): Policy => ({ metadata: { namespace, name }, spec });
const targetRefs = [{ group: "", kind: "Service", name: "httpbin" }];
const sleep = { kind: "identity", namespace: "default", serviceAccount: "sleep" };
const behind = { enrolled: ["default"], waypoint: "default" };

function ask(question: object, sample: SampleOptions = behind): WhatIf {
  const inventory = sampleInventory(sample);
  const request = whatIfRequest.parse({
    caller: sleep,
    service: { namespace: "default", name: "httpbin" },
    port: 8000,
    ...question,
  });
  const service = findService(inventory, request.service);
  if (service === undefined) {
    throw new Error("no such service");
  }
  const gatewayUrl = "http://127.0.0.1:8080";
  return whatIf.parse(
    answerWhatIf(request, service, {
      inventory,
      trustDomain: "cluster.local",
      gatewayUrl,
      findings: [],
      imagined: false,
    }),
  );
}
const hopsOf = ({ hops }: WhatIf): string[] =>
  hops.map(({ enforcer, verdict, policy: by }) => `${enforcer} ${verdict} ${by}`.trim());

const onlyGet = policy("default", "httpbin-waypoint-callers", {
  targetRefs,
  action: "ALLOW",
  rules: [
    {
      from: [{ source: { serviceAccounts: ["default/sleep"] } }],
      to: [{ operation: { methods: ["GET"], paths: ["/headers"] } }],
      when: [{ key: "request.headers[x-test-me]", values: ["*"] }],
    },
  ],
});
const guard = policy("default", "httpbin-only-waypoint", {
  selector: { matchLabels: { app: "httpbin" } },
  action: "ALLOW",
  rules: [{ from: [{ source: { serviceAccounts: ["default/waypoint"] } }] }],
});

describe("what if, behind a waypoint", () => {
  const sample = { ...behind, authorizationPolicies: [onlyGet, guard] };
  const header = [{ name: "X-Test-Me", value: "1" }];

  test("each hop says who enforces, by which policy and why", () => {
    const answer = ask({ path: "/headers?a=b", headers: header }, sample);
    expect(answer.verdict).toBe("allowed");
    expect(hopsOf(answer)).toEqual([
      "waypoint default/waypoint allowed default/httpbin-waypoint-callers",
      "agent of node-a allowed default/httpbin-only-waypoint",
    ]);
    expect(answer.hops.map(({ principal }) => principal)).toEqual([
      "cluster.local/ns/default/sa/sleep",
      "cluster.local/ns/default/sa/waypoint",
    ]);
    expect(answer.sentence).toBe("sleep may call httpbin: GET /headers?a=b.");
  });

  test.each([
    ["another path", { path: "/ip", headers: header }, "request.path"],
    ["another method", { path: "/headers", method: "POST", headers: header }, "request.method"],
    ["no header", { path: "/headers" }, "request.header"],
    ["a path that only looks right", { path: "/headers/../ip", headers: header }, "request.path"],
  ])("%s is refused at the waypoint, which says why", (_, question, attribute) => {
    const answer = ask(question, sample);
    expect(answer).toMatchObject({ verdict: "denied", hops: [{ at: "waypoint", attribute }] });
    expect(answer.sentence).toContain("The waypoint default/waypoint refuses it.");
    expect(answer.fixes.map(({ slug }) => slug)).toEqual(["let-a-caller-in"]);
  });

  test("plain text goes past the waypoint and is refused by the guard", () => {
    const answer = ask({ caller: { kind: "plain" }, path: "/headers", headers: header }, sample);
    expect(hopsOf(answer)).toEqual(["agent of node-a denied default/httpbin-only-waypoint"]);
    expect(answer.tryIt).toBeNull();
  });

  test("an authorizer that would be asked leaves it open", () => {
    const custom = policy("default", "httpbin-asks-opa", {
      targetRefs,
      action: "CUSTOM",
      provider: { name: "opa" },
      rules: [{ to: [{ operation: { paths: ["/admin/*"] } }] }],
    });
    // One that the mesh does not know refuses.
    expect(ask({ path: "/admin/x" }, { ...behind, authorizationPolicies: [custom] }).verdict).toBe("denied");
    expect(ask({ path: "/ip" }, { ...behind, authorizationPolicies: [custom] }).verdict).toBe("allowed");
  });
});

describe("what if, with a token", () => {
  const requestAuthentications = [
    {
      metadata: { namespace: "default", name: "httpbin-sign-in" },
      spec: {
        targetRefs,
        jwtRules: [
          {
            issuer: "https://issuer",
            audiences: ["httpbin"],
            outputClaimToHeaders: [{ header: "x-user", claim: "sub" }],
          },
        ],
      },
    },
  ] as never;
  const staff = policy("default", "httpbin-signed-in", {
    targetRefs,
    action: "ALLOW",
    rules: [
      {
        from: [{ source: { requestPrincipals: ["https://issuer/*"] } }],
        when: [{ key: "request.auth.claims[groups]", values: ["staff"] }],
      },
    ],
  });
  const sample = { ...behind, authorizationPolicies: [staff], routing: { requestAuthentications } };
  const token = (claims: object, issuer = "https://issuer") => ({
    issuer,
    subject: "ada",
    claims: { aud: "httpbin", ...claims },
  });

  test.each([
    ["the right claim", token({ groups: ["staff"] }), "allowed", ""],
    ["another claim", token({ groups: ["guests"] }), "denied", "request.auth.claims"],
    ["no token", null, "denied", "request.auth"],
    ["another issuer", token({ groups: ["staff"] }, "https://other"), "denied", ""],
    ["another audience", token({ groups: ["staff"], aud: "web" }), "denied", ""],
  ])("%s", (_, given, verdict, attribute) => {
    const answer = ask({ token: given, path: "/headers" }, sample);
    expect(answer.verdict).toBe(verdict);
    expect(answer.hops[0]?.attribute.startsWith(attribute)).toBe(true);
    expect(answer.tryIt === null).toBe(given !== null);
  });

  test("a header that rules write from claims cannot be claimed by the caller", () => {
    const asks = policy("default", "httpbin-user", {
      targetRefs,
      rules: [{ when: [{ key: "request.headers[x-user]", values: ["ada"] }] }],
    });
    const forged = { ...sample, authorizationPolicies: [asks] };
    expect(ask({ headers: [{ name: "x-user", value: "ada" }] }, forged).verdict).toBe("denied");
    expect(ask({ token: token({}) }, forged).verdict).toBe("allowed");
  });

  test("where nobody verifies tokens, none helps", () => {
    expect(ask({ token: token({ groups: ["staff"] }) }, { ...behind, authorizationPolicies: [staff] }).verdict).toBe(
      "denied",
    );
  });
});

describe("what if, at layer 4 and from outside", () => {
  const strict = { metadata: { namespace: "default", name: "default" }, spec: { mtls: { mode: "STRICT" } } };

  test("plain text under mutual TLS is refused, and the path that repairs it is offered", () => {
    const sample = { enrolled: ["default"], peerAuthentications: [strict] };
    const answer = ask({ caller: { kind: "identity", namespace: "web-api", serviceAccount: "web-api" } }, sample);
    expect(answer.verdict).toBe("denied");
    expect(answer.hops[0]?.reason).toContain("plain text");
    expect(answer.fixes).toMatchObject([{ slug: "join-the-mesh", values: { namespaces: ["web-api"] } }]);
  });

  test("a service that is not in the mesh reads no rule", () => {
    const sample = { enrolled: [], authorizationPolicies: [policy("default", "deny-all", {})] };
    expect(ask({}, sample).verdict).toBe("allowed");
  });

  test("a visitor comes through the gateway when a route leads to the service, else the form that exposes it is offered", () => {
    const caller = {
      kind: "outside",
      gateway: { namespace: "istio-ingress", name: "ingress" },
      host: "istioinaction.io",
    };
    const routes = [
      {
        metadata: { namespace: "default", name: "httpbin-ingress" },
        spec: {
          hostnames: ["istioinaction.io"],
          parentRefs: [{ name: "ingress", namespace: "istio-ingress" }],
          rules: [
            {
              matches: [{ path: { type: "PathPrefix", value: "/bin" } }],
              backendRefs: [{ name: "httpbin", port: 8000 }],
            },
          ],
        },
      },
    ] as never;
    const sample = { enrolled: ["default"], routing: { routes } };
    expect(hopsOf(ask({ caller, path: "/bin/x" }, sample))).toEqual([
      "gateway istio-ingress/ingress allowed",
      "agent of node-a allowed",
    ]);
    const elsewhere = ask({ caller, path: "/" }, sample);
    expect(elsewhere.verdict).toBe("denied");
    expect(elsewhere.fixes).toMatchObject([{ slug: "expose-to-the-outside" }]);
  });
});

describe("where it would be routed", () => {
  const routes = [
    {
      metadata: { namespace: "purchase-history", name: "purchase-history" },
      spec: {
        parentRefs: [{ group: "", kind: "Service", name: "purchase-history", port: 8080 }],
        rules: [
          {
            name: "canary",
            matches: [{ method: "GET", headers: [{ name: "x-canary", value: "true" }] }],
            backendRefs: [{ name: "purchase-history", port: 8080 }],
            timeouts: { request: "5s" },
          },
          {
            matches: [{ method: "GET" }],
            backendRefs: [{ name: "purchase-history", port: 8080, weight: 1 }],
            retry: { attempts: 3, codes: [503] },
          },
        ],
      },
    },
  ] as never;
  const question = {
    caller: { kind: "identity", namespace: "recommendation", serviceAccount: "recommendation" },
    service: { namespace: "purchase-history", name: "purchase-history" },
    port: 8080,
  };
  const sample = {
    enrolled: ["recommendation", "purchase-history"],
    waypoint: "purchase-history",
    routing: { routes },
  };

  test("by the most specific rule, with shares by version, times and tries in words", () => {
    const canary = ask({ ...question, headers: [{ name: "x-canary", value: "true" }] }, sample);
    expect(canary.route.resource).toBe("HTTPRoute purchase-history/purchase-history, rule canary");
    expect(canary.route.backends).toEqual([
      { service: "purchase-history/purchase-history", version: "v1", percent: 50 },
      { service: "purchase-history/purchase-history", version: "v2", percent: 50 },
    ]);
    expect(canary.route.words).toContain("Given up after 5s.");
    expect(ask(question, sample).route.words).toContain("Tried again up to 3 times, on 503 too.");
  });

  test("by the caller's identity where the waypoint says it, whatever the caller writes itself", () => {
    const name = "x-forwarded-client-cert";
    const value = "(.*;)?URI=spiffe://[^/;,]+/ns/recommendation/sa/recommendation";
    const byCaller = {
      metadata: { namespace: "purchase-history", name: "purchase-history" },
      spec: {
        parentRefs: [{ group: "", kind: "Service", name: "purchase-history", port: 8080 }],
        rules: [
          { name: "canary", matches: [{ headers: [{ type: "RegularExpression", name, value }] }] },
          { name: "all" },
        ],
      },
    };
    const takenBy = (asked: object, waypointAnnotations: Readonly<Record<string, string>>): string => {
      const routing = { routes: [byCaller] } as never;
      const { route } = ask(
        { ...question, ...asked },
        {
          ...sample,
          enrolled: [...sample.enrolled, "default"],
          routing,
          waypointAnnotations,
        },
      );
      return route.resource.replace(/^.*, rule /, "");
    };
    const told = { "ambient.istio.io/xfcc-include-client-identity": "true" };
    const forged = [{ name, value: "By=x;URI=spiffe://cluster.local/ns/recommendation/sa/recommendation" }];
    const other = { caller: { kind: "identity", namespace: "default", serviceAccount: "sleep" } };
    expect(takenBy({}, told)).toBe("canary");
    expect(takenBy({}, {})).toBe("all");
    expect(takenBy({ ...other, headers: forged }, told)).toBe("all");
    expect(takenBy({ ...other, headers: forged }, {})).toBe("all");
  });

  test("nowhere, when no rule takes it", () => {
    const answer = ask({ ...question, method: "POST" }, sample);
    expect(answer).toMatchObject({ verdict: "denied", route: { backends: [] } });
    expect(answer.hops[0]?.reason).toContain("404");
  });
});
