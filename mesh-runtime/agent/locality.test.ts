import { describe, expect, test } from "vitest";
import type { ServiceLoadBalancing, Workload } from "../xds/model.ts";
import { nearest } from "./locality.ts";
import { workload } from "./test-node.suite.ts";

const at = (name: string, region: string, zone: string, node: string): Workload => ({
  ...workload(name, "127.240.1.1", { namespace: "shop" }),
  node,
  locality: { region, zone, subzone: "" },
});
const same = at("same-node", "r1", "a", "n1");
const zone = at("same-zone", "r1", "a", "n2");
const region = at("same-region", "r1", "b", "n3");
const far = at("elsewhere", "r2", "c", "n4");
const caller = at("caller", "r1", "a", "n1");
const names = (found: readonly Workload[]): string[] => found.map(({ name }) => name);

const failover: ServiceLoadBalancing = { mode: "FAILOVER", scopes: ["NETWORK", "REGION", "ZONE"] };
const strictNode: ServiceLoadBalancing = { mode: "STRICT", scopes: ["NODE"] };

describe("nearest endpoints", () => {
  test.each([
    { among: [far, region, zone, same], want: ["same-zone", "same-node"] },
    { among: [far, region], want: ["same-region"] },
    { among: [far], want: ["elsewhere"] },
    { among: [], want: [] },
  ])("FAILOVER of $among.length gives $want", ({ among, want }) => {
    expect(names(nearest(among, caller, failover))).toEqual(want);
  });

  test("STRICT takes nobody rather than somebody further away", () => {
    expect(names(nearest([zone, region, far], caller, strictNode))).toEqual([]);
    expect(names(nearest([zone, same], caller, strictNode))).toEqual(["same-node"]);
  });

  test("a zone of the same name in another region is not near", () => {
    const twin = at("twin", "r2", "a", "n5");
    expect(names(nearest([twin, region], caller, failover))).toEqual(["same-region"]);
  });

  test("while the caller is not known, FAILOVER takes all and STRICT nobody", () => {
    expect(names(nearest([same, far], undefined, failover))).toEqual(["same-node", "elsewhere"]);
    expect(names(nearest([same], undefined, strictNode))).toEqual([]);
  });
});
