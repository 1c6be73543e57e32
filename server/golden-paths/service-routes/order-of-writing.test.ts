/** Routes change hands without a moment in which nothing, or the wrong thing, acts (`resources.md` §10, §14, §15). */
import { describe, expect, test } from "vitest";
import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { proposeIntents } from "@/server/changes/proposal.ts";
import { noTraffic } from "../insight.ts";
import { type Intent, intentSet } from "../intent.ts";
import { render } from "../render.ts";
import { resourceKey } from "../resource.ts";
import { historyInventory, intentFor, nowUnixMs } from "./sample-service.suite.ts";

const inventory = historyInventory();
const routes = new Set(["HTTPRoute", "VirtualService", "DestinationRule", "Service"]);

/** What is written to get from some intents to others, in order: `+` created, `~` changed, `-` removed. */
function steps(before: readonly Intent[], after: readonly Intent[]): string[] {
  const current = intentSet(before);
  const next = intentSet(after);
  const live = render(current, inventory);
  const keys = [...new Set([...current.keys(), ...next.keys()])];
  const changes = keys.map((key) => ({ key, before: current.get(key), after: next.get(key) }));
  const context = { inventory, current, traffic: noTraffic, nowUnixMs };
  const { steps: all, conflicts } = proposeIntents(changes, context, (ref) => live.get(resourceKey(ref)) as KubeObject);
  expect(conflicts).toEqual([]);
  return all
    .filter((step) => routes.has(step.ref.kind) && JSON.stringify(step.before) !== JSON.stringify(step.after))
    .map((step) => {
      const sign = step.before === undefined ? "+" : step.after === undefined ? "-" : "~";
      return `${sign} ${step.ref.kind} ${step.ref.name}`;
    });
}

const timeouts = intentFor("timeouts", { request: "5s" });
const fault = intentFor("test-with-faults", { abort: { percent: 100, status: 503 } });
const breaker = intentFor("circuit-breaker");
const mirror = (version: string) => intentFor("mirror-traffic", { to: { kind: "version", version } });

describe("in the order of writing", () => {
  test("a fault's VirtualService is there before the HTTPRoute goes, and the other way round", () => {
    const replaced = ["+ VirtualService purchase-history", "- HTTPRoute purchase-history"];
    expect(steps([timeouts], [timeouts, fault])).toEqual(replaced);
    expect(steps([timeouts, fault], [timeouts])).toEqual([
      "+ HTTPRoute purchase-history",
      "- VirtualService purchase-history",
    ]);
  });

  test("a version's Service is there before a route sends to it, and goes after it", () => {
    expect(steps([breaker], [breaker, mirror("v2")])).toEqual([
      "+ Service purchase-history-v2",
      "+ DestinationRule purchase-history-v2",
      "+ HTTPRoute purchase-history",
    ]);
    const moved = steps([timeouts, breaker, mirror("v1")], [timeouts, breaker, mirror("v2")]);
    expect(moved).toEqual([
      "+ Service purchase-history-v2",
      "+ DestinationRule purchase-history-v2",
      "~ HTTPRoute purchase-history",
      expect.stringMatching(/^- /),
      expect.stringMatching(/^- /),
    ]);
    expect(moved.slice(3).toSorted()).toEqual([
      "- DestinationRule purchase-history-v1",
      "- Service purchase-history-v1",
    ]);
  });

  test("what stays as it is is not written", () => {
    expect(steps([timeouts, breaker], [timeouts, breaker])).toEqual([]);
  });
});
