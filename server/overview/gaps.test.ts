import { describe, expect, test } from "vitest";
import { type ServiceSummary, serviceSummary } from "@/server/contracts/services.ts";
import { gapsOf } from "./gaps.ts";

const well: ServiceSummary = serviceSummary.parse({
  namespace: "default",
  name: "httpbin",
  kind: "service",
  team: "",
  mine: false,
  health: "healthy",
  healthReason: "",
  versions: [],
  pods: 1,
  readyPods: 1,
  enrolment: { labelled: true, captured: 1, pods: 1 },
  rps: 1,
  errorShare: 0,
  p95Ms: null,
  deniedPerSecond: 0,
  mtlsShare: 1,
  callers: 1,
  callees: 0,
  authorized: true,
  mtlsRequired: true,
  waypoint: { waypoint: "default/waypoint", way: "guarded", text: "", pods: 1, readyPods: 1 },
  layer7Unenforced: false,
  rate: { stepSeconds: 60, endUnixMs: 0, values: [] },
});
const behind = (more: Partial<NonNullable<ServiceSummary["waypoint"]>>): Partial<ServiceSummary> => ({
  waypoint: { waypoint: "default/waypoint", way: "guarded", text: "", pods: 1, readyPods: 1, ...more },
});
const kinds = (...services: Partial<ServiceSummary>[]): string[] =>
  gapsOf(services.map((more) => ({ ...well, ...more }))).map(({ kind }) => kind);

describe("what is not covered", () => {
  test.each([
    ["a service that is covered", {}, []],
    ["without a waypoint, and nothing asks for one", { waypoint: null }, []],
    ["a waypoint that is not bound", behind({ way: "refused", text: "waypoint is not ready" }), ["waypoint-refused"]],
    ["a waypoint whose pods are all down", behind({ readyPods: 0 }), ["waypoint-refused"]],
    ["a way past the waypoint", behind({ way: "open", text: "pod x port 1" }), ["waypoint-open"]],
    [
      "a way past a waypoint that guards nothing",
      { ...behind({ way: "open" }), authorized: false },
      ["no-authorization"],
    ],
    ["a rule about requests that nobody judges", { waypoint: null, layer7Unenforced: true }, ["layer7-unenforced"]],
  ])("%s", (_, more, expected) => {
    expect(kinds(more)).toEqual(expected);
  });

  test("what a whole namespace lacks is said once, what a service lacks for each", () => {
    const open = { ...behind({ way: "open" }), mtlsRequired: false };
    expect(kinds(open, { ...open, name: "sleep" })).toEqual(["waypoint-open", "waypoint-open", "mtls-not-required"]);
  });
});
