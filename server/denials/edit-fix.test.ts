import { describe, expect, test } from "vitest";
import type { DenialGroup } from "@/server/contracts/denials.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { inForceOf } from "@/server/golden-path-pages/in-force.ts";
import { contextOf } from "@/server/golden-paths/access/filled-in.suite.ts";
import {
  asks,
  block,
  caller,
  grant,
  headersOnly,
  httpbin,
  lock,
  rule,
  signIn,
  sleep,
  waypoint,
} from "@/server/golden-paths/access/sample-intents.suite.ts";
import { type Intent, intentSet } from "@/server/golden-paths/intent.ts";
import { fillIn } from "@/server/golden-paths/registry.ts";
import { render } from "@/server/golden-paths/render.ts";
import type { Rendered } from "@/server/golden-paths/resource.ts";
import { type SampleOptions, sampleInventory } from "@/server/inventory/sample.suite.ts";
import type { DenialIdentity } from "@/server/telemetry/records.ts";
import { labels } from "@/server/telemetry/sample.suite.ts";
import { refusedCall } from "./refused-call.suite.ts";

const _now = 10_000_000_000;
const around: SampleOptions = { enrolled: ["default", "web-api"], waypoint: "default" };
const limits: Intent = {
  slug: "rate-limit",
  service: httpbin,
  limits: [{ requests: 10, interval: "1s", burst: null, per: "caller", header: "", only: null, overrides: [] }],
};

/** What intents render is live; a call of sleep to httpbin was refused by it. */
function refused(intents: readonly Intent[], told: Partial<DenialIdentity>): DenialGroup {
  const rendered = [...render(intentSet(intents), sampleInventory(around)).values()];
  const live = <T>(kind: Rendered["kind"]): readonly T[] =>
    rendered.filter((one) => one.kind === kind) as unknown as readonly T[];
  const inventory = sampleInventory({
    ...around,
    authorizationPolicies: live("AuthorizationPolicy"),
    routing: {
      requestAuthentications: live("RequestAuthentication"),
      rateLimitPolicies: live("RateLimitPolicy"),
    },
  });
  return refusedCall(
    { policy: "default/httpbin-waypoint-callers", ...told },
    inventory,
    inForceOf({ ...contextOf({ intents }), inventory }, new Map()),
  );
}

const given = waypoint("default");
const webApi = caller("web-api", "web-api");

describe("a refusal by what a golden path made opens that path, as it is filled in now", () => {
  test.each<[string, Intent[], Partial<DenialIdentity>, string, object]>([
    [
      "a path that the caller may not send joins the paths of its rule, headers and all",
      [given, grant({ requests: [headersOnly] })],
      {},
      "Let sleep send GET /ip to httpbin",
      { slug: "let-a-caller-in", values: { requests: [{ ...headersOnly, paths: ["/headers", "/ip"] }] } },
    ],
    [
      "a method joins the methods of the rule of that path",
      [given, grant({ requests: [rule({ methods: ["GET"], paths: ["/a"] }), headersOnly] })],
      { attribute: "request.method", method: "POST", path: "/headers", rule: 1 },
      "Let sleep send POST /headers to httpbin",
      { values: { requests: [{}, { ...headersOnly, methods: ["GET", "POST"] }] } },
    ],
    [
      "a rule that speaks of several methods and paths gets a neighbour instead of more reach",
      [given, grant({ requests: [rule({ methods: ["GET", "HEAD"], paths: ["/a", "/b"] })] })],
      {},
      "Let sleep send GET /ip to httpbin",
      { values: { requests: [{ methods: ["GET", "HEAD"] }, rule({ methods: ["GET"], paths: ["/ip"] })] } },
    ],
    [
      "the rule that the proxy found nearest counts: headers of another are not asked for",
      [given, grant({ requests: [headersOnly, rule({ methods: ["GET", "HEAD"], paths: ["/status/*"] })] })],
      { rule: 1 },
      "Let sleep send GET /ip to httpbin",
      { values: { requests: [headersOnly, {}, rule({ methods: ["GET"], paths: ["/ip"] })] } },
    ],
    [
      "what a header has to be nobody can tell: the form opens as it stands",
      [given, grant({ requests: [headersOnly] })],
      { attribute: "request.header", path: "/headers" },
      "Change what sleep may send to httpbin",
      { values: { requests: [headersOnly] } },
    ],
    [
      "another port joins the ports",
      [given, grant({ ports: [9000] })],
      { attribute: "destination.port" },
      "Let sleep call port 8000 of httpbin",
      { values: { ports: [8000, 9000] } },
    ],
    [
      "a caller that is not let in gets no more than it tried, where others get no more either",
      [given, grant({ caller: webApi, requests: [headersOnly] })],
      { attribute: "source.serviceAccount" },
      "Let sleep call httpbin",
      {
        slug: "let-a-caller-in",
        values: { callers: [sleep], requests: [rule({ methods: ["GET"], paths: ["/ip"] })] },
      },
    ],
    [
      "and may send anything where others may",
      [given, grant({ caller: webApi })],
      { attribute: "source.serviceAccount" },
      "Let sleep call httpbin",
      { values: { callers: [sleep], requests: [] } },
    ],
    [
      "a block of the caller is taken back",
      [given, block()],
      { reason: "denied-by-policy", policy: "default/httpbin-waypoint-blocked", attribute: "source.serviceAccount" },
      "Unblock sleep at httpbin",
      { slug: "block-a-caller", values: { who: "these", callers: [sleep], blocked: false } },
    ],
    [
      "so is one at the pods, where agents refuse",
      [block()],
      {
        reason: "denied-by-policy",
        policy: "default/httpbin-blocked",
        attribute: "source.serviceAccount",
        hop: "agent",
        method: "",
        path: "",
        answer: 0,
      },
      "Unblock sleep at httpbin",
      { values: { blocked: false } },
    ],
    [
      "a block of everybody but some spares the caller too",
      [given, block({ blocked: { who: "all-but", callers: [webApi] } })],
      { reason: "denied-by-policy", policy: "default/httpbin-waypoint-blocked" },
      "Spare sleep from the block of httpbin",
      { values: { who: "all-but", callers: [webApi, sleep], blocked: true } },
    ],
    [
      "a token that is missing",
      [given, signIn()],
      { reason: "denied-by-policy", policy: "default/httpbin-signed-in", attribute: "request.auth.principal" },
      "Change who must sign in at httpbin",
      { slug: "require-sign-in", values: { issuer: "https://issuer.example", required: true } },
    ],
    [
      "a token that is not valid",
      [given, signIn()],
      { reason: "token-invalid", policy: "default/httpbin-sign-in", attribute: "none", answer: 401 },
      "Change who must sign in at httpbin",
      { slug: "require-sign-in" },
    ],
    [
      "an authorizer",
      [given, asks({ paths: ["/ip"] })],
      { reason: "refused-by-authorizer", policy: "default/httpbin-asks-doorman", attribute: "doorman" },
      "Change what doorman is asked about httpbin",
      { slug: "ask-an-authorizer", values: { authorizer: "doorman", paths: ["/ip"], asked: true } },
    ],
  ])("%s", (_what, intents, told, title, fix) => {
    const group = refused(intents, told);
    expect(group.fix?.title).toBe(title);
    expect(group.fix).toMatchObject(fix);
    // Nobody is sent to edit by hand what a form writes.
    expect(group.nextStep?.command ?? "").toBe("");
  });

  test("the form with the request added is complete, and changes this one caller's rule", () => {
    const intents = [given, grant({ requests: [headersOnly] }), grant({ caller: webApi })];
    const { fix } = refused(intents, {});
    const form = pathForms["let-a-caller-in"].parse(fix?.values);
    const { plan } = fillIn("let-a-caller-in", form, contextOf({ sample: around, intents }));
    expect(plan.changes.map(({ key }) => key)).toEqual(["let-a-caller-in/default/httpbin/default/sleep"]);
  });

  test("an unknown host at a gateway of a lock-down opens the path that exposes it", () => {
    const openGateways = [{ namespace: "istio-ingress", name: "ingress", hosts: ["istioinaction.io"] }];
    const group = refused([{ ...lock("istio-system"), openGateways }], {
      labels: labels("default/sleep", "istio-ingress/ingress-istio"),
      hop: "gateway",
      policy: "istio-ingress/ingress-open",
      attribute: "request.host",
      host: "shop.example:8080",
    });
    expect(group.fix).toMatchObject({ slug: "expose-to-the-outside", values: { host: "shop.example" } });
  });

  test.each([
    ["a template would stand for more", "/files/{*}"],
    ["so would a star", "/files/*"],
  ])("%s than the request that was refused", (_what, path) => {
    const { fix } = refused([given, grant({ requests: [headersOnly] })], { path });
    expect(fix).toMatchObject({
      title: "Change what sleep may send to httpbin",
      values: { requests: [headersOnly] },
    });
  });

  test("a policy of the same name by hand keeps its hint", () => {
    const group = refused([given, grant({ requests: [headersOnly] })], { policy: "default/by-hand" });
    expect(group.fix).toBeNull();
    expect(group.nextStep?.command).toContain("kubectl -n default edit authorizationpolicy");
  });
});

test("a limit opens with its figures", () => {
  const group = refused([given, limits], { reason: "rate-limited", policy: "default/httpbin", answer: 429 });
  expect(group.fix).toMatchObject({ slug: "rate-limit", title: "Change the limits of httpbin" });
});
