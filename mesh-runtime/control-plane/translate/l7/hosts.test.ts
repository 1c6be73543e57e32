import { describe, expect, it } from "vitest";
import { worldOf } from "../world.suite.ts";
import { fullHost, hostCovers, hostWeight, serviceOfHost } from "./hosts.ts";

describe("hosts of rules", () => {
  it.each([
    ["a", "a.ns.svc.cluster.local"],
    ["a.other", "a.other"],
    ["a.b.svc.cluster.local", "a.b.svc.cluster.local"],
    ["*", "*"],
    ["*.local", "*.local"],
    ["", ""],
  ])("%s stands for %s", (host, full) => {
    expect(fullHost(host, "ns")).toBe(full);
  });

  it.each([
    ["a.b.svc.cluster.local", true],
    ["*.b.svc.cluster.local", true],
    ["*.svc.cluster.local", true],
    ["*", true],
    ["*.a.b.svc.cluster.local", false],
    ["*b.svc.cluster.local", true],
    ["b.svc.cluster.local", false],
    ["*.c.svc.cluster.local", false],
    ["", false],
  ])("%s covers a.b.svc.cluster.local: %s", (host, covers) => {
    expect(hostCovers(host, "a.b.svc.cluster.local")).toBe(covers);
  });

  it("weigh more the closer they fit", () => {
    const hosts = ["a.b.svc.cluster.local", "*.b.svc.cluster.local", "*.cluster.local", "*"];
    expect(hosts.toSorted((a, b) => hostWeight(b) - hostWeight(a))).toEqual(hosts);
  });

  it.each([
    ["a.b.svc.cluster.local", "b/a"],
    ["c.b.svc.cluster.local", undefined],
    ["away.b.svc.cluster.local", undefined],
    ["a.b", undefined],
    ["x.a.b.svc.cluster.local", undefined],
    ["a.example", undefined],
  ])("%s leads to %s", (host, key) => {
    const world = worldOf([
      { kind: "Service", metadata: { namespace: "b", name: "a" } },
      { kind: "Service", metadata: { namespace: "b", name: "away" }, spec: { type: "ExternalName" } },
    ]);
    const service = serviceOfHost(host, world);
    expect(service === undefined ? undefined : `${service.namespace}/${service.name}`).toBe(key);
  });
});
