import { describe, expect, test } from "vitest";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { noTraffic } from "@/server/golden-paths/insight.ts";
import { changeIntents, type Intent, intent, intentSet } from "@/server/golden-paths/intent.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { render } from "@/server/golden-paths/render.ts";
import { type Rendered, refOf, resourceKey } from "@/server/golden-paths/resource.ts";
import { sampleInventory } from "@/server/inventory/sample.suite.ts";
import { sameContent } from "./drifted.ts";
import { replaceAt } from "./leaves.ts";
import { readBack } from "./read-back.ts";

const service = { namespace: "web-api", name: "web-api" };
const inventory = sampleInventory();
const waypoint: Intent = { slug: "give-a-waypoint", namespace: "web-api", replicas: 1 };
const of = (slug: keyof typeof pathForms, values: object = {}): Intent => {
  const { enabled: _enabled, ...form } = pathForms[slug].parse({ service, ...values }) as Record<string, unknown>;
  return intent.parse({ slug, ...form });
};

/** The object of a kind, with other values where `edit` finds them. */
function edited(
  intents: readonly Intent[],
  kind: string,
  edit: (text: string) => string,
  around: readonly Intent[] = [waypoint],
): { context: PathContext; live: Rendered } {
  const current = intentSet([...around, ...intents]);
  const context = { inventory, current, traffic: noTraffic, nowUnixMs: 0 };
  const found = [...render(current, inventory).values()].find(
    (one) =>
      one.kind === kind &&
      edit(JSON.stringify(one.spec ?? one.metadata.labels)) !== JSON.stringify(one.spec ?? one.metadata.labels),
  );
  if (found === undefined) {
    throw new Error(`no ${kind} that the edit changes: ${[...render(current, inventory).keys()].join(", ")}`);
  }
  const spec: unknown = JSON.parse(edit(JSON.stringify(found.spec)));
  return { context, live: replaceAt(found, ["spec"], spec) as Rendered };
}

describe("an edit by hand is read back as the form that renders it", () => {
  test.each<[string, Intent[], string, [string | RegExp, string], string]>([
    [
      "retries of a route",
      [of("retries", { attempts: 3 })],
      "HTTPRoute",
      ['"attempts":3', '"attempts":5'],
      '"attempts":5',
    ],
    ["codes of a route", [of("retries")], "HTTPRoute", ["[502,503,504]", "[502,503]"], '"codes":[502,503]'],
    [
      "the pause between tries",
      [of("retries")],
      "HTTPRoute",
      ['"backoff":"25ms"', '"backoff":"50ms"'],
      '"backoff":"50ms"',
    ],
    [
      "a time limit",
      [of("timeouts", { request: "3s" })],
      "HTTPRoute",
      ['"request":"3s"', '"request":"7s"'],
      '"request":"7s"',
    ],
    [
      "errors in a row",
      [of("circuit-breaker", { consecutiveErrors: 5 })],
      "DestinationRule",
      ['"consecutive5xxErrors":5', '"consecutive5xxErrors":9'],
      '"consecutiveErrors":9',
    ],
    [
      "the share that may be left out",
      [of("circuit-breaker", { maxEjectedPercent: 50 })],
      "DestinationRule",
      ['"maxEjectionPercent":50', '"maxEjectionPercent":30'],
      '"maxEjectedPercent":30',
    ],
  ])("%s", (_what, intents, kind, [from, to], expected) => {
    const { context, live } = edited(intents, kind, (text) => text.replace(from, to));
    const read = readBack(refOf(live), context, live as KubeObject);
    expect(read).toMatchObject({ changes: [{}] });
    const changes = "changes" in read ? read.changes : [];
    expect(JSON.stringify(changes[0]?.after)).toContain(expected);
    // What is accepted renders exactly what is live.
    const next = render(changeIntents(context.current, changes), inventory).get(resourceKey(refOf(live)));
    expect(sameContent(next, live)).toBe(true);
  });

  test("and refused where no form says it", () => {
    const { context, live } = edited([of("retries")], "HTTPRoute", (text) =>
      text.replace('"name":"web-api"', '"name":"other"'),
    );
    expect(readBack(refOf(live), context, live as KubeObject)).toMatchObject({
      blocked: expect.stringContaining("cannot be told"),
    });
  });
});

const caller = (name: string, requests: object[] = []): Intent =>
  intent.parse({
    slug: "let-a-caller-in",
    service,
    caller: { kind: "identity", namespace: name, serviceAccount: name },
    ports: [8080],
    requests,
    until: null,
  });
const several = [caller("recommendation"), caller("default"), caller("sleep", [{ methods: ["GET"] }])];

describe("an order that means nothing", () => {
  test.each<[string, Intent[], string, [string | RegExp, string]]>([
    [
      "callers of a rule",
      several,
      "AuthorizationPolicy",
      ['"default/default","recommendation/recommendation"', '"recommendation/recommendation","default/default"'],
    ],
    ["rules of a policy", several, "AuthorizationPolicy", [/"rules":\[(\{.*\}),(\{"from".*\})\]/, '"rules":[$2,$1]']],
    ["codes of a route", [of("retries")], "HTTPRoute", ["[502,503,504]", "[504,502,503]"]],
  ])("is no edit: %s", (_what, intents, kind, [from, to]) => {
    const { context, live } = edited(intents, kind, (text) => text.replace(from, to));
    const expected = render(context.current, inventory).get(resourceKey(refOf(live)));
    expect(JSON.stringify(live)).not.toBe(JSON.stringify(expected));
    expect(sameContent(expected, live)).toBe(true);
  });

  test("does not hide an edit, nor keep it from being read back", () => {
    const { context, live } = edited(several, "AuthorizationPolicy", (text) =>
      text.replace(
        '"default/default","recommendation/recommendation"',
        '"recommendation/recommendation","purchase-history/purchase-history","default/default"',
      ),
    );
    expect(readBack(refOf(live), context, live as KubeObject)).toMatchObject({
      changes: [{ before: undefined, after: { caller: { namespace: "purchase-history" } } }],
    });
  });

  test("is not that of a route's rules: the first that fits is taken", () => {
    const { context, live } = edited([of("retries", { safeOnly: true })], "HTTPRoute", (text) =>
      JSON.stringify({ ...JSON.parse(text), rules: JSON.parse(text).rules?.toReversed() }),
    );
    expect(sameContent(render(context.current, inventory).get(resourceKey(refOf(live))), live)).toBe(false);
  });
});

describe("what keeps a service closed, edited by hand", () => {
  const closed: Intent = { slug: "keep-closed", service };
  const rules = (...all: object[]) => ['"rules":[]', `"rules":${JSON.stringify(all)}`] as const;
  const from = (name: string) => [{ source: { serviceAccounts: [`${name}/${name}`] } }];
  const to = (operation: object = { ports: ["8080"] }) => [{ operation }];
  const read = (around: readonly Intent[], ...[before, after]: ReturnType<typeof rules>) => {
    const { context, live } = edited([closed], "AuthorizationPolicy", (text) => text.replace(before, after), around);
    return { context, read: readBack(refOf(live), context, live as KubeObject) };
  };

  test.each<[string, readonly Intent[]]>([
    ["at its pods", []],
    ["at its waypoint", [waypoint]],
  ])("%s: whom it lets in is let in by the form, and it is kept closed no longer", (_where, around) => {
    const { context, read: found } = read(around, ...rules({ from: from("sleep"), to: to() }));
    expect(found).toMatchObject({
      changes: [
        { before: undefined, after: { slug: "let-a-caller-in", caller: { namespace: "sleep" }, requests: [] } },
        { before: closed, after: undefined },
      ],
      words: expect.stringMatching(/^let a caller in begins: sleep may call/),
    });
    const changes = "changes" in found ? found.changes : [];
    expect([...changeIntents(context.current, changes).values()].map(({ slug }) => slug)).not.toContain("keep-closed");
  });

  test.each([
    ["anyone", { to: to() }],
    ["a caller at any port", { from: from("sleep") }],
    ["single requests", { from: from("sleep"), to: to({ ports: ["8080"], methods: ["GET"] }) }],
  ])("says plainly why it can only be put back: %s", (_what, rule) => {
    const { read: found } = read([waypoint], ...rules(rule));
    expect(found).toMatchObject({
      blocked: expect.stringMatching(
        /keeps web-api closed since its last access ended.*Put it back, then let callers in/,
      ),
    });
  });

  test("that is gone: it ends, and the words say what that means; a guard that is gone opens nothing", () => {
    const gone = (name: string) => {
      const current = intentSet([waypoint, closed]);
      const context = { inventory, current, traffic: noTraffic, nowUnixMs: 0 };
      const ref = { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", namespace: "web-api", name };
      return readBack(ref, context, undefined);
    };
    expect(gone("web-api-waypoint-callers")).toMatchObject({
      changes: [{ before: closed, after: undefined }],
      words: expect.stringContaining("everybody may call it"),
    });
    expect(gone("web-api-only-waypoint")).toMatchObject({ blocked: expect.stringContaining("Put it back") });
  });
});
