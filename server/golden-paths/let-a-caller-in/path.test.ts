import { describe, expect, test } from "vitest";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import {
  type Around,
  atHttpbin,
  byHand,
  codesOf,
  filled,
  httpbinPods,
  labelled,
  now,
  reopened,
  routeTo,
  withSibling,
} from "../access/filled-in.suite.ts";
import {
  block,
  caller,
  grant,
  header,
  headersOnly,
  httpbin,
  lock,
  rule,
  signIn,
  sleep,
  waypoint,
} from "../access/sample-intents.suite.ts";

const allow = { service: httpbin, callers: [sleep], ports: [8000] };
const some = { ...allow, requests: [headersOnly] };
const letIn = (values: object, around: Around = {}) => filled("let-a-caller-in", { ...allow, ...values }, around);
/** With its waypoint there. */
const behind = (around: Around = {}): Around => ({
  ...around,
  sample: { waypoint: "default", ...around.sample },
  intents: [waypoint("default"), ...(around.intents ?? [])],
});

describe("what callers may do", () => {
  test("a rule about requests brings the waypoint that it needs, and says so", () => {
    const form = letIn(some);
    expect(codesOf(form)).toEqual(["info waypoint-missing service Namespace default"]);
    expect(form.plan.changes.map(({ key }) => key)).toEqual([
      "let-a-caller-in/default/httpbin/default/sleep",
      "give-a-waypoint/default",
    ]);
    expect(form.sentence).toContain("send GET /headers with x-test-me to httpbin on port 8000, and nothing else");
    expect(letIn(some, behind()).plan.changes).toHaveLength(1);
    expect(codesOf(letIn(some, behind()))).toEqual([]);
  });

  test("ports add up as long as no requests are named, and the form says what else it takes the place of", () => {
    const held = grant({ ports: [80] });
    expect(letIn({}, { intents: [held] }).plan.changes[0]?.after).toMatchObject({ ports: [80, 8000] });
    const narrowed = letIn(some, behind({ intents: [held] }));
    expect(narrowed.plan.changes[0]?.after).toMatchObject({ ports: [8000], requests: [headersOnly] });
    expect(narrowed.sentence).toContain("Until now sleep may call port 80: that goes.");
    const ended = letIn({ until: now + 1 }, { intents: [held] });
    expect(ended.plan.changes[0]?.after).toMatchObject({ ports: [8000], until: now + 1 });
    expect(ended.sentence).toContain("that goes");
  });

  test("several callers have a rule each, and a form that names one twice plans it once", () => {
    const callers = [sleep, caller("web-api", "web-api"), sleep];
    expect(letIn({ callers }).plan.changes.map(({ key }) => key.split("/").at(-1))).toEqual(["sleep", "web-api"]);
  });

  test("taking ports back leaves the requests and the end of what is left", () => {
    const held = grant({ ports: [80, 8000], requests: [headersOnly], until: now + 5 });
    expect(letIn({ ports: [80], allowed: false }, { intents: [held] }).plan.changes[0]?.after).toEqual({
      ...held,
      ports: [8000],
    });
  });

  test("the form opens again as it was", () => {
    const held = grant({ requests: [headersOnly], until: Date.UTC(2027, 0, 1, 12) });
    expect(reopened(held, "let-a-caller-in")).toEqual({
      values: {
        service: httpbin,
        callers: [sleep],
        ports: [8000],
        requests: [headersOnly],
        until: held.until,
        allowed: true,
      },
      summary: "sleep may send GET /headers with x-test-me to port 8000 until 2027-01-01 12:00 UTC",
    });
  });
});

describe("rules about requests", () => {
  const post = rule({ methods: ["POST"] });
  test.each<[string, object, string[]]>([
    ["names nothing", { requests: [rule()] }, ["warning rule-without-effect requests.0"]],
    [
      "says what an earlier one says",
      { requests: [rule({ paths: ["/a*"] }), rule({ methods: ["GET"], paths: ["/ab", "/a/b*"] })] },
      ["warning rule-unreachable requests.1"],
    ],
    [
      "says what a later, wider one says",
      { requests: [headersOnly, rule({ methods: ["GET"] })] },
      ["warning rule-unreachable requests.0"],
    ],
    ["says it twice", { requests: [post, post] }, ["warning rule-unreachable requests.1"]],
    [
      "has a path that is never left so",
      { requests: [rule({ methods: ["GET"], paths: ["/a/../b"] })] },
      ["error value-never-matches requests.0.paths.0"],
    ],
    [
      "has a template that is none",
      { requests: [rule({ methods: ["GET"], paths: ["/a{*}"] })] },
      ["error value-never-matches requests.0.paths.0"],
    ],
    [
      "contradicts itself",
      { requests: [rule({ headers: [header("x-a", "absent"), header("x-a", "present")] })] },
      ["error value-never-matches requests.0.headers.0"],
    ],
    [
      "asks for blanks that no header keeps",
      { requests: [rule({ headers: [header("x-a", "value", " a")] })] },
      ["error value-never-matches requests.0.headers.0"],
    ],
    ["is over already", { until: now - 1 }, ["error ends-in-the-past until"]],
  ])("are told when one %s", (_what, values, expected) => {
    const form = letIn(values, behind());
    expect(codesOf(form)).toEqual(expected);
    expect(form.findings.every(({ repair }) => repair !== null)).toBe(true);
  });

  test("repairs leave a form that has nothing to repair", () => {
    const form = letIn({ requests: [rule({ methods: ["GET"], paths: ["/a/./b", "/c"] })] }, behind());
    const repaired = letIn(form.findings[0]?.repair?.values ?? {}, behind());
    expect(codesOf(repaired)).toEqual([]);
    expect(repaired.plan.changes[0]?.after).toMatchObject({ requests: [{ methods: ["GET"], paths: ["/c"] }] });
  });

  test("a path that nobody asked for is told, when others were seen", () => {
    const seen = (path: string) => ({ method: "GET", path, requests: 9, errors: 0, p99Ms: 1 });
    const form = { requests: [rule({ paths: ["/ip", "/headers"] })] };
    expect(codesOf(letIn(form, { ...behind(), traffic: { paths: () => [seen("/ip")] } }))).toEqual([
      "info no-traffic-seen requests.0.paths.1",
    ]);
    expect(codesOf(letIn(form, { ...behind(), traffic: { paths: () => [] } }))).toEqual([]);
  });

  test("no request can be read at a port that speaks no HTTP", () => {
    const change = (inventory: Inventory): Inventory => ({
      ...inventory,
      objects: {
        ...inventory.objects,
        services: inventory.objects.services.map((one) =>
          one.metadata?.name === "httpbin"
            ? { ...one, spec: { ...one.spec, ports: [{ name: "tcp-data", port: 8000, targetPort: 8000 }] } }
            : one,
        ) as unknown as ClusterObjects["services"],
      },
    });
    expect(codesOf(letIn(some, { ...behind(), change }))).toEqual(["error rule-without-effect ports.0"]);
  });
});

describe("what stands in the way of a rule", () => {
  test("a block over it, and the way to take the block back", () => {
    const form = letIn({}, { intents: [block()] });
    expect(codesOf(form)).toEqual(["warning rule-shadowed callers AuthorizationPolicy default/httpbin-blocked"]);
    expect(form.findings[0]?.path).toMatchObject({ slug: "block-a-caller", values: { who: "these", blocked: false } });
  });

  test("a refusal that somebody wrote by hand", () => {
    const refusal = byHand("no-sleep", {
      ...atHttpbin,
      action: "DENY",
      rules: [{ from: [{ source: { serviceAccounts: ["sleep"] } }], to: [{ operation: { ports: ["8000"] } }] }],
    });
    expect(codesOf(letIn(some, behind({ sample: { authorizationPolicies: [refusal] } })))).toEqual([
      "warning rule-shadowed requests.0 AuthorizationPolicy default/no-sleep",
    ]);
  });

  test("a refusal of the waypoint itself, by which nobody would get in", () => {
    const refusal = byHand("identities-of-web-api", {
      ...httpbinPods,
      action: "DENY",
      rules: [{ from: [{ source: { notNamespaces: ["web-api"] } }] }],
    });
    expect(codesOf(letIn(some, behind({ sample: { authorizationPolicies: [refusal] } })))).toEqual([
      "error waypoint-cut-off service AuthorizationPolicy default/identities-of-web-api",
    ]);
  });

  test("a sign-in does not, whoever brings the token gets in", () => {
    expect(codesOf(letIn(some, behind({ intents: [signIn({ claims: [{ claim: "a.b", values: ["c"] }] })] })))).toEqual(
      [],
    );
  });
});

describe("ways past a rule", () => {
  test("a policy made by hand that lets others to the pods", () => {
    const open = byHand("monitoring", {
      ...httpbinPods,
      rules: [{ from: [{ source: { serviceAccounts: ["web-api/web-api"] } }] }],
    });
    expect(codesOf(letIn(some, behind({ sample: { authorizationPolicies: [open] } })))).toEqual([
      "warning waypoint-bypassable service AuthorizationPolicy default/monitoring",
    ]);
  });

  test("another Service of the same pods, unless the namespace is locked down", () => {
    expect(codesOf(letIn(some, { ...behind(), change: withSibling() }))).toEqual([
      "warning waypoint-bypassable service Service default/httpbin-old",
    ]);
    expect(codesOf(letIn(some, { ...behind({ intents: [lock("default")] }), change: withSibling() }))).toEqual([]);
  });

  test("a gateway that goes to the pods by another Service, or is told to pass the waypoint by", () => {
    const routes = [routeTo("httpbin-old")] as unknown as ClusterObjects["routes"];
    const around = {
      ...behind({ intents: [lock("default")], sample: { routing: { routes } } }),
      change: withSibling(),
    };
    expect(codesOf(letIn(some, around))).toEqual([
      "warning gateway-bypasses-waypoint service HTTPRoute default/from-outside",
    ]);
    const change = labelled("httpbin", { "istio.io/ingress-use-waypoint": "false" });
    expect(codesOf(letIn(some, { ...behind(), change }))).toEqual([
      "warning gateway-bypasses-waypoint service Service default/httpbin",
    ]);
  });

  test("anyone is told that plain text cannot come through a waypoint", () => {
    expect(codesOf(letIn({ callers: [{ kind: "anyone" }], requests: [headersOnly] }, behind()))).toEqual([
      "warning anyone-may-call callers.0",
      "warning plain-text-callers callers.0",
    ]);
  });
});

describe("what the waypoint does to others", () => {
  const handMade = byHand("sleep-callers", {
    selector: { matchLabels: { app: "sleep" } },
    rules: [{ from: [{ source: { principals: ["cluster.local/ns/web-api/sa/web-api"] } }] }],
  });

  test("services whose callers a policy made by hand lets in are told, with the form that moves the rule", () => {
    const form = letIn(some, { sample: { authorizationPolicies: [handMade] } });
    expect(codesOf(form)).toContain("warning waypoint-cut-off service AuthorizationPolicy default/sleep-callers");
    expect(form.findings.find(({ code }) => code === "waypoint-cut-off")?.path).toMatchObject({
      slug: "let-a-caller-in",
      values: { service: { name: "sleep" }, callers: [caller("web-api", "web-api")], ports: [80] },
    });
    expect(codesOf(letIn(some, behind({ sample: { authorizationPolicies: [handMade] } })))).toEqual([]);
  });

  test("a waypoint that is not ready is told, and one that the service refuses", () => {
    const notReady = (inventory: Inventory): Inventory => ({
      ...inventory,
      services: inventory.services.map((one) =>
        one.name === "httpbin"
          ? {
              ...one,
              waypoint: undefined,
              waypointBound: {
                ok: false,
                reason: "WaypointIsNotReady",
                message: 'waypoint "default/waypoint" is not ready',
              },
            }
          : one,
      ),
    });
    expect(codesOf(letIn(some, { intents: [waypoint("default")], change: notReady }))).toEqual([
      "warning waypoint-not-ready service Gateway default/waypoint",
    ]);
    expect(codesOf(letIn(some, { change: labelled("httpbin", { "istio.io/use-waypoint": "none" }) }))).toContain(
      "error waypoint-missing service Service default/httpbin",
    );
  });

  test("a pod that is probed by way of the service would be taken for ill", () => {
    const change = (inventory: Inventory): Inventory => ({
      ...inventory,
      objects: {
        ...inventory.objects,
        pods: inventory.objects.pods.map((pod, index) =>
          index === 0
            ? {
                ...pod,
                spec: {
                  ...pod.spec,
                  containers: [{ name: "main", readinessProbe: { httpGet: { host: "httpbin.default", port: 8000 } } }],
                },
              }
            : pod,
        ) as unknown as ClusterObjects["pods"],
      },
    });
    expect(codesOf(letIn({}, { change }))).toEqual(["warning probe-cut-off service Pod web-api/web-api-1"]);
    expect(codesOf(letIn({ callers: [{ kind: "anyone" }] }, { change }))).toEqual([
      "warning anyone-may-call callers.0",
    ]);
  });
});
