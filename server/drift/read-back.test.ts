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
): { context: PathContext; live: Rendered } {
  const current = intentSet([waypoint, ...intents]);
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
