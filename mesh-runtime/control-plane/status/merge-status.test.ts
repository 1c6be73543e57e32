import { describe, expect, it } from "vitest";
import { mergeStatus } from "./merge-status.ts";
import type { WantedStatus } from "./wanted.ts";

const now = "2026-01-02T00:00:00Z";
const earlier = "2026-01-01T00:00:00Z";
const accepted = {
  type: "Accepted",
  status: "True",
  reason: "Accepted",
  message: "fine",
  observedGeneration: 2,
} as const;
const enforced = {
  type: "towpath.dev/Enforced",
  status: "True",
  reason: "AllProxiesInSync",
  message: "enforced on 2 of 2 proxies after 9 ms",
  observedGeneration: "1",
} as const;
const wanted = (parts: Partial<WantedStatus>): WantedStatus => ({ resource: "gateways", key: "a/b", ...parts });

describe("status", () => {
  it("is not written when nothing is different, whatever the order and other writers' conditions", () => {
    const current = {
      conditions: [
        { type: "Other", status: "True" },
        { lastTransitionTime: earlier, ...accepted },
      ],
    };
    expect(mergeStatus(wanted({ conditions: [accepted] }), current, now)).toBeUndefined();
  });

  it("keeps the time of a condition whose status stays, and moves it when the status changes", () => {
    const current = { conditions: [{ ...accepted, message: "old", lastTransitionTime: earlier }] };
    expect(mergeStatus(wanted({ conditions: [accepted] }), current, now)).toEqual({
      conditions: [{ ...accepted, lastTransitionTime: earlier }],
    });
    const refused = { ...accepted, status: "False" } as const;
    expect(mergeStatus(wanted({ conditions: [refused] }), current, now)).toEqual({
      conditions: [{ ...refused, lastTransitionTime: now }],
    });
  });

  it("takes our receipt away when there is none to give", () => {
    const current = { conditions: [{ ...enforced, lastTransitionTime: earlier }] };
    expect(mergeStatus(wanted({ conditions: [] }), current, now)).toEqual({ conditions: [] });
    expect(mergeStatus(wanted({ conditions: [] }), { phase: "Active" }, now)).toBeUndefined();
  });

  it("leaves a receipt of before a restart as it is, unless a proxy refuses or the generation is another", () => {
    const current = { conditions: [{ ...enforced, lastTransitionTime: earlier }] };
    const again = { ...enforced, message: "enforced on 2 of 2 proxies after 7000 ms", standing: true };
    expect(mergeStatus(wanted({ conditions: [again] }), current, now)).toBeUndefined();
    const waiting = { ...again, status: "Unknown", reason: "WaitingForProxies" } as const;
    expect(mergeStatus(wanted({ conditions: [waiting] }), current, now)).toBeUndefined();
    const refused = { ...again, status: "False", reason: "Rejected" } as const;
    expect(mergeStatus(wanted({ conditions: [refused] }), current, now)).toBeDefined();
    expect(mergeStatus(wanted({ conditions: [{ ...waiting, observedGeneration: "2" }] }), current, now)).toBeDefined();
  });

  it("never writes the mark that a receipt may stand", () => {
    const written = mergeStatus(wanted({ conditions: [{ ...enforced, standing: true }] }), {}, now);
    expect(JSON.stringify(written)).not.toContain("standing");
  });

  it("keeps other controllers' parents of a route and the times of our own", () => {
    const foreign = { parentRef: { name: "x" }, controllerName: "example.com/other", conditions: [] };
    const own = (message: string, lastTransitionTime?: string) => ({
      parentRef: { namespace: "b", name: "a" },
      controllerName: "istio.io/gateway-controller",
      conditions: [{ ...accepted, message, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) }],
    });
    const current = { parents: [foreign, own("old", earlier)] };
    expect(mergeStatus(wanted({ fields: { parents: [own("new")] } }), current, now)).toEqual({
      parents: [own("new", earlier), foreign],
    });
    expect(mergeStatus(wanted({ fields: { parents: [] } }), { parents: [foreign] }, now)).toBeUndefined();
  });

  it.each([undefined, null, "x", { conditions: "x", parents: 1, listeners: {} }])(
    "reads a broken status %j as an empty one",
    (current) => {
      expect(
        mergeStatus(wanted({ conditions: [accepted], fields: { parents: [], listeners: [] } }), current, now),
      ).toBeDefined();
    },
  );
});
