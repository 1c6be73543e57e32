import { describe, expect, it } from "vitest";
import type { Authorization } from "../../policy/model.ts";
import { addressType, authorizationType, outsideType, proxyConfigType } from "../../xds/codec.ts";
import { createSnapshotBuilder, type TranslatedResources } from "./snapshot.ts";

const policy = (name: string, action: "ALLOW" | "DENY" = "ALLOW"): Authorization => ({
  name,
  namespace: "ns",
  scope: "NAMESPACE",
  action,
  dryRun: false,
  groups: [],
});

const translation = (parts: Partial<TranslatedResources> = {}): TranslatedResources => ({
  addresses: new Map(),
  authorizations: new Map(),
  broken: new Set(),
  outside: new Map(),
  proxyConfigs: new Map(),
  ...parts,
});
const policies = (...list: readonly Authorization[]) => ({
  authorizations: new Map(list.map((value) => [`ns/${value.name}`, value])),
});
const typeIn = (result: ReturnType<ReturnType<typeof createSnapshotBuilder>["next"]>, typeUrl: string) =>
  result.snapshot?.types.get(typeUrl);

describe("snapshot", () => {
  it("is made for an empty world too, so that waiting proxies get their answer", () => {
    const { snapshot } = createSnapshotBuilder().next(translation(), 0);
    expect([...(snapshot?.types.keys() ?? [])]).toEqual([
      addressType.typeUrl,
      authorizationType.typeUrl,
      outsideType.typeUrl,
      proxyConfigType.typeUrl,
    ]);
  });

  it("is not made anew for equal values", () => {
    const builder = createSnapshotBuilder();
    expect(builder.next(translation(policies(policy("a"))), 0).snapshot?.revision).toBe(1);
    expect(builder.next(translation(policies(policy("a"))), 0).snapshot).toBeUndefined();
    expect(builder.next(translation(policies(policy("a", "DENY"))), 0).snapshot?.revision).toBe(2);
  });

  it("gives equal content equal versions, also in another process", () => {
    const versions = [1, 2].map(
      () =>
        typeIn(createSnapshotBuilder().next(translation(policies(policy("a"))), 0), authorizationType.typeUrl)?.get(
          "ns/a",
        )?.version,
    );
    expect(versions[0]).toBe(versions[1]);
  });

  it("keeps the last good version of a policy that cannot be compiled any more, until it is deleted", () => {
    const builder = createSnapshotBuilder();
    const good = typeIn(builder.next(translation(policies(policy("a"), policy("b"))), 0), authorizationType.typeUrl);
    const broken = builder.next(translation({ ...policies(policy("b", "DENY")), broken: new Set(["ns/a"]) }), 0);
    expect(typeIn(broken, authorizationType.typeUrl)?.get("ns/a")).toBe(good?.get("ns/a"));
    expect(typeIn(builder.next(translation(), 0), authorizationType.typeUrl)?.size).toBe(0);
  });

  it("keeps the last good version of a resource that cannot be encoded, and names it", () => {
    const builder = createSnapshotBuilder();
    const service = (ip: string) => ({
      addresses: new Map([
        [
          "ns/x.ns.svc.cluster.local",
          {
            kind: "service" as const,
            service: { name: "x", namespace: "ns", hostname: "x.ns.svc.cluster.local", addresses: [ip], ports: [] },
          },
        ],
      ]),
    });
    const good = typeIn(builder.next(translation(service("10.0.0.1")), 0), addressType.typeUrl);
    expect(good?.get("ns/x.ns.svc.cluster.local")?.aliases).toEqual(["/10.0.0.1"]);
    const { problems, snapshot } = builder.next(translation(service("no address")), 0);
    expect(problems).toMatchObject([{ name: "ns/x.ns.svc.cluster.local", error: '"no address" is no IP address' }]);
    expect(snapshot).toBeUndefined();
  });
});
