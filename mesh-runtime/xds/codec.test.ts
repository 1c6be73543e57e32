import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Authorization, Match } from "../policy/model.ts";
import { addressType, authorizationType, proxyConfigType } from "./codec.ts";
import { AuthorizationSchema } from "./gen/authorization_pb.js";
import { AddressSchema } from "./gen/workload_pb.js";
import { ipFromBytes, ipToBytes } from "./ip-bytes.ts";
import type { MeshService, Workload } from "./model.ts";

const roundTrip = (value: Authorization) => authorizationType.decode(authorizationType.encode(value));
const policy = (groups: Authorization["groups"], action: Authorization["action"] = "ALLOW"): Authorization => ({
  name: "p",
  namespace: "ns",
  scope: "NAMESPACE",
  action,
  dryRun: false,
  groups,
});

describe("IP addresses", () => {
  it.each([
    ["127.24.1.10", "7f18010a"],
    ["2001:db8::1", "20010db8000000000000000000000001"],
    ["::", "00000000000000000000000000000000"],
    ["1:0:0:2::3", "00010000000000020000000000000003"],
    ["::ffff:10.1.2.3", "00000000000000000000ffff0a010203"],
  ])("%s is %s", (text, hex) => {
    expect(Buffer.from(ipToBytes(text)).toString("hex")).toBe(hex);
  });
  it.each(["", "1.2.3", "1.2.3.256", "01.2.3.4", "1::2::3", "1:2:3:4:5:6:7:8:9", "g::1", "1.2.3.4.5", "::1%lo"])(
    "refuses %j",
    (text) => {
      expect(() => ipToBytes(text)).toThrow(/no IP address/);
    },
  );
  it("comes back from its bytes in canonical form", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 })),
        (bytes) => {
          expect([...ipToBytes(ipFromBytes(bytes))]).toEqual([...bytes]);
        },
      ),
    );
  });
});

describe("authorization on the wire", () => {
  const stringMatch = fc.oneof(
    fc.record({ kind: fc.constantFrom("exact", "prefix", "suffix"), value: fc.string() }),
    fc.constant({ kind: "presence" as const }),
  );
  const account = fc.record({ namespace: fc.string({ minLength: 1 }), serviceAccount: fc.string({ minLength: 1 }) });
  const cidr = fc.record({ address: fc.ipV4(), length: fc.integer({ min: 0, max: 32 }) });
  const port = fc.integer({ min: 1, max: 65_535 });
  const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 });
  const match = fc
    .record(
      {
        namespaces: some(stringMatch),
        notNamespaces: some(stringMatch),
        principals: some(stringMatch),
        notPrincipals: some(stringMatch),
        serviceAccounts: some(account),
        notServiceAccounts: some(account),
        sourceIps: some(cidr),
        notSourceIps: some(cidr),
        destinationIps: some(cidr),
        notDestinationIps: some(cidr),
        destinationPorts: some(port),
        notDestinationPorts: some(port),
      },
      { requiredKeys: [] },
    )
    .filter((value) => Object.keys(value).length > 0) as fc.Arbitrary<Match>;
  const restricting = fc.record({ matches: some(match) });

  it("gives back every policy whose rules restrict something", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ rules: fc.array(restricting, { maxLength: 3 }) }), { maxLength: 3 }),
        fc.constantFrom("ALLOW" as const, "DENY" as const),
        (groups, action) => {
          expect(roundTrip(policy(groups, action))).toEqual({ value: policy(groups, action) });
        },
      ),
    );
  });

  it("sends an always-matching rule as no clause, because an empty match matches nothing at a ztunnel", () => {
    const value = policy([{ rules: [{ matches: [{}, { destinationPorts: [80] }] }] }], "DENY");
    expect(
      fromBinary(AuthorizationSchema, authorizationType.encode(value)).rules.map(({ clauses }) => clauses),
    ).toEqual([[]]);
    expect(roundTrip(value)).toEqual({ value: policy([{ rules: [] }], "DENY") });
  });

  it("sends no rule for one that can never match, because a clause without matches matches everything at a ztunnel", () => {
    expect(roundTrip(policy([{ rules: [{ matches: [] }] }]))).toEqual({ value: policy([]) });
  });

  it.each([
    ["ALLOW", []],
    ["DENY", [{ rules: [] }]],
  ] as const)("reads a foreign empty match under %s as the stricter meaning", (action, groups) => {
    const bytes = toBinary(
      AuthorizationSchema,
      create(AuthorizationSchema, {
        name: "p",
        namespace: "ns",
        scope: 1,
        action: action === "ALLOW" ? 0 : 1,
        rules: [{ clauses: [{ matches: [{}] }] }],
      }),
    );
    expect(authorizationType.decode(bytes)).toEqual({ value: policy(groups, action) });
  });

  it.each([
    ["no name", { namespace: "ns" }],
    ["an unknown action", { name: "p", namespace: "ns", action: 9 }],
    [
      "an unset string match",
      { name: "p", namespace: "ns", rules: [{ clauses: [{ matches: [{ principals: [{}] }] }] }] },
    ],
    [
      "a port above 65535",
      { name: "p", namespace: "ns", rules: [{ clauses: [{ matches: [{ destinationPorts: [70_000] }] }] }] },
    ],
    [
      "an address range that is too long",
      {
        name: "p",
        namespace: "ns",
        rules: [{ clauses: [{ matches: [{ sourceIps: [{ address: new Uint8Array(4), length: 33 }] }] }] }],
      },
    ],
  ])("rejects a policy with %s", (_what, init) => {
    const bytes = toBinary(AuthorizationSchema, create(AuthorizationSchema, init));
    expect(authorizationType.decode(bytes)).toHaveProperty("error");
  });
});

const workload: Workload = {
  uid: "Kubernetes//Pod/web-api/web-api-1",
  name: "web-api-1",
  namespace: "web-api",
  addresses: ["127.24.1.10"],
  tunnelProtocol: "HBONE",
  nativeTunnel: false,
  trustDomain: "cluster.local",
  serviceAccount: "web-api",
  node: "node-a",
  canonicalName: "web-api",
  canonicalRevision: "v1",
  workloadType: "DEPLOYMENT",
  workloadName: "web-api",
  services: { "web-api/web-api.web-api.svc.cluster.local": [{ servicePort: 8080, targetPort: 8080 }] },
  authorizationPolicies: ["web-api/allow"],
  status: "HEALTHY",
  clusterId: "Kubernetes",
  locality: { region: "r1", zone: "r1-a", subzone: "" },
};

describe("addresses on the wire", () => {
  it("gives back a workload and names it by its uid", () => {
    const address = { kind: "workload", workload } as const;
    expect(addressType.decode(addressType.encode(address))).toEqual({ value: address });
    expect(addressType.name(address)).toBe(workload.uid);
  });
  it("gives back a service and names it by namespace and hostname", () => {
    const address = {
      kind: "service",
      service: {
        name: "web-api",
        namespace: "web-api",
        hostname: "web-api.web-api.svc.cluster.local",
        addresses: ["10.96.0.7"],
        ports: [{ servicePort: 80, targetPort: 0 }],
      },
    } as const;
    expect(addressType.decode(addressType.encode(address))).toEqual({ value: address });
    expect(addressType.name(address)).toBe("web-api/web-api.web-api.svc.cluster.local");
  });
  const waypoint = { namespace: "web-api", hostname: "waypoint.web-api.svc.cluster.local", port: 15_008 };
  const service = { name: "s", namespace: "n", hostname: "s.n", addresses: [], ports: [] };
  it.each<[string, Partial<MeshService>]>([
    ["a waypoint", { waypoint }],
    ["a waypoint that gateways go through too", { waypoint, ingressUseWaypoint: true }],
    ["a preference for near endpoints", { loadBalancing: { mode: "FAILOVER", scopes: ["NETWORK", "REGION", "ZONE"] } }],
    ["endpoints of its own node alone", { loadBalancing: { mode: "STRICT", scopes: ["NODE"] } }],
  ])("gives back a service with %s", (_what, fields) => {
    const address = { kind: "service", service: { ...service, ...fields } } as const;
    expect(addressType.decode(addressType.encode(address))).toEqual({ value: address });
  });
  it("gives back a workload with a waypoint, which is named by the host name of its Service as istiod does", () => {
    const address = { kind: "workload", workload: { ...workload, waypoint } } as const;
    const bytes = addressType.encode(address);
    expect(addressType.decode(bytes)).toEqual({ value: address });
    expect(fromBinary(AddressSchema, bytes).type.value).toMatchObject({
      waypoint: {
        destination: { case: "hostname", value: { namespace: waypoint.namespace, hostname: waypoint.hostname } },
        hboneMtlsPort: 15_008,
      },
    });
  });
  it("reads a load balancing without a mode as none (Istio sends it for the health policy)", () => {
    const init = { type: { case: "service" as const, value: { ...service, loadBalancing: { healthPolicy: 1 } } } };
    const bytes = toBinary(AddressSchema, create(AddressSchema, init));
    expect(addressType.decode(bytes)).toEqual({ value: { kind: "service", service } });
  });
  const inService = (fields: object) => ({
    type: { case: "service" as const, value: { name: "s", namespace: "n", hostname: "s.n", ...fields } },
  });
  it.each([
    ["nothing in it", {}],
    ["a waypoint without a destination", inService({ waypoint: { hboneMtlsPort: 15_008 } })],
    [
      "a waypoint without a port",
      inService({ waypoint: { destination: { case: "hostname", value: { namespace: "n", hostname: "w" } } } }),
    ],
    ["a way of load balancing that is unknown", inService({ loadBalancing: { mode: 3 } })],
    ["a scope that is unknown", inService({ loadBalancing: { mode: 1, routingPreference: [0] } })],
    [
      "an address of 5 bytes",
      {
        type: {
          case: "workload" as const,
          value: { uid: "u", name: "n", namespace: "s", addresses: [new Uint8Array(5)] },
        },
      },
    ],
    [
      "a service key without a namespace",
      { type: { case: "workload" as const, value: { uid: "u", name: "n", namespace: "s", services: { x: {} } } } },
    ],
    [
      "an unknown tunnel",
      { type: { case: "workload" as const, value: { uid: "u", name: "n", namespace: "s", tunnelProtocol: 7 } } },
    ],
  ])("rejects an address with %s", (_what, init) => {
    expect(addressType.decode(toBinary(AddressSchema, create(AddressSchema, init)))).toHaveProperty("error");
  });
  it("never throws on bytes that are no message", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const type of [addressType, authorizationType, proxyConfigType]) {
          type.decode(bytes);
        }
      }),
    );
  });
});
