import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import type { Authorization } from "../../policy/model.ts";
import { startXdsClient, subscribeTo, type XdsClient, type XdsUpdate } from "../../xds/client.ts";
import {
  addressType,
  authorizationType,
  type MeshAddress,
  proxyConfigType,
  type ResourceType,
} from "../../xds/codec.ts";
import { openControlPlaneChannel } from "../../xds/control-plane-channel.ts";
import { DeltaDiscoveryRequestSchema, type DeltaDiscoveryResponse } from "../../xds/gen/discovery_pb.js";
import { deltaAggregatedResources } from "../../xds/grpc-methods.ts";
import type { ProxyConfig } from "../../xds/proxy-config.ts";
import { quiet, startTestPlane, type TestPlane } from "../plane.suite.ts";
import type { Snapshot, SnapshotResource } from "../snapshot/snapshot.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) {
    await part.close();
  }
});

const tokens = {
  agent: { serviceAccount: "istio-system/ztunnel", node: "node-a" },
  gateway: { serviceAccount: "istio-ingress/ingress-istio", node: "node-a", pod: "ingress-istio-1" },
  app: { serviceAccount: "web-api/web-api", node: "node-a", pod: "web-api-1" },
  loose: { serviceAccount: "istio-system/ztunnel" },
} as const;
const nodeIds: Readonly<Record<keyof typeof tokens, string>> = {
  agent: "ztunnel~127.0.0.1~ztunnel-node-a.istio-system~cluster.local",
  gateway: "router~127.0.0.1~ingress-istio-1.istio-ingress~cluster.local",
  app: "router~127.0.0.1~web-api-1.web-api~cluster.local",
  loose: "ztunnel~127.0.0.1~ztunnel-node-a.istio-system~cluster.local",
};

async function startPlane(options: Partial<Parameters<typeof startTestPlane>[0]> = {}): Promise<TestPlane> {
  const plane = await startTestPlane({ tokens, ...options });
  open.push(plane);
  return plane;
}

const policy = (name: string): Authorization => ({
  name,
  namespace: "ns",
  scope: "NAMESPACE",
  action: "ALLOW",
  dryRun: false,
  groups: [],
});
const service = (name: string, ip: string): MeshAddress => ({
  kind: "service",
  service: { name, namespace: "ns", hostname: `${name}.ns.svc.cluster.local`, addresses: [ip], ports: [] },
});

let revision = 0;
/** A snapshot of these values; `[name, bytes]` stands for a resource that nobody can read. */
function snapshotOf(parts: {
  addresses?: readonly MeshAddress[];
  policies?: readonly (Authorization | readonly [string, string])[];
  /** With a word behind its name a gateway is configured differently. */
  gateways?: readonly string[];
  /** ServiceAccounts of waypoints. */
  first?: readonly string[];
}): Snapshot {
  revision += 1;
  const resource = <T>(type: ResourceType<T>, value: T, reader?: string): SnapshotResource => ({
    name: type.name(value),
    aliases: [],
    version: Buffer.from(type.encode(value)).toString("hex").slice(-40),
    bytes: type.encode(value),
    reader,
  });
  const byName = (list: readonly SnapshotResource[]) => new Map(list.map((entry) => [entry.name, entry]));
  return {
    revision,
    changedAtMs: Date.now(),
    first: new Set(parts.first),
    types: new Map([
      [
        addressType.typeUrl,
        byName(
          (parts.addresses ?? []).map((value) => ({
            ...resource(addressType, value),
            aliases: value.kind === "service" ? [`/${value.service.addresses[0]}`] : [],
          })),
        ),
      ],
      [
        authorizationType.typeUrl,
        byName(
          (parts.policies ?? []).map((value) =>
            "name" in value
              ? resource(authorizationType, value)
              : { name: value[0], aliases: [], version: value[1], bytes: Buffer.from(value[1]), reader: undefined },
          ),
        ),
      ],
      [
        proxyConfigType.typeUrl,
        byName(
          (parts.gateways ?? []).map((gateway) => {
            const [name = "", changed] = gateway.split(" ");
            const config = { ...emptyProxyConfig(name), ...(changed && { pathNormalization: "NONE" as const }) };
            return resource(proxyConfigType, config, `istio-ingress/${name}-istio`);
          }),
        ),
      ],
    ]),
  };
}

const emptyProxyConfig = (name: string): ProxyConfig => ({
  name,
  namespace: "istio-ingress",
  kind: "gateway",
  listeners: [],
  services: [],
  workloads: [],
  clusters: [],
  authorizers: [],
  certificates: [],
  telemetry: { accessLog: { enabled: false, minStatus: 0 }, tracing: { enabled: false, sampling: 0 }, byService: [] },
  pathNormalization: "BASE",
});

/** A client that keeps what it is told, as an agent does. */
function startClient(plane: TestPlane, token: keyof typeof tokens = "agent") {
  const policies = new Map<string, Authorization>();
  const addresses = new Map<string, MeshAddress>();
  const updates: XdsUpdate<unknown>[] = [];
  const keep =
    <T>(into: Map<string, T>) =>
    (update: XdsUpdate<T>) => {
      updates.push(update);
      for (const name of update.removed) {
        into.delete(name);
      }
      for (const { name, value } of update.upserted) {
        into.set(name, value);
      }
      return undefined;
    };
  const client = startXdsClient({
    ...plane.endpoint(token),
    node: { id: nodeIds[token], metadata: { NODE_NAME: "node-a" } },
    subscriptions: [
      subscribeTo(addressType, "*", keep(addresses)),
      subscribeTo(authorizationType, "*", keep(policies)),
    ],
    log: quiet,
  });
  open.push(client);
  return { client, policies, addresses, updates };
}

const typeOf = (plane: TestPlane, typeUrl: string) => plane.hub.streams()[0]?.types.get(typeUrl);

describe("delta discovery", () => {
  it("lets proxies wait until there is a snapshot, then answers both wildcard subscriptions even when empty", async () => {
    const plane = await startPlane();
    const { client, updates } = startClient(plane);
    await expect.poll(() => plane.hub.streams()).toHaveLength(1);
    expect(updates).toEqual([]);
    plane.hub.publish(snapshotOf({}));
    await client.synced;
    expect(updates).toEqual([
      { upserted: [], removed: [], initial: true },
      { upserted: [], removed: [], initial: true },
    ]);
    expect(client.status()).toMatchObject({ connected: true, rejected: [] });
  });

  it("sends only what changed, and removals", async () => {
    const plane = await startPlane();
    plane.hub.publish(snapshotOf({ policies: [policy("a"), policy("b")] }));
    const { client, policies, updates } = startClient(plane);
    await client.synced;
    const seen = updates.length;
    plane.hub.publish(snapshotOf({ policies: [policy("a"), policy("c")] }));
    await expect.poll(() => [...policies.keys()]).toEqual(["ns/a", "ns/c"]);
    expect(updates.slice(seen).flatMap(({ upserted }) => upserted.map(({ name }) => name))).toEqual(["ns/c"]);
  });

  it("sends policies before the workloads that name them, and takes them away after", async () => {
    const plane = await startPlane();
    plane.hub.publish(snapshotOf({}));
    const { client, updates } = startClient(plane);
    await client.synced;
    updates.length = 0;
    plane.hub.publish(snapshotOf({ policies: [policy("a")], addresses: [service("x", "10.0.0.1")] }));
    await expect.poll(() => updates.length).toBe(2);
    expect(updates.map(({ upserted }) => upserted[0]?.name)).toEqual(["ns/a", "ns/x.ns.svc.cluster.local"]);
    plane.hub.publish(snapshotOf({ addresses: [service("x", "10.0.0.2")] }));
    await expect.poll(() => updates.length).toBe(4);
    expect(updates.slice(2).map(({ removed }) => removed)).toEqual([[], ["ns/a"]]);
  });

  it("a malformed resource rejects only itself: the NACK names it, the good one is applied, the last good version stays", async () => {
    const plane = await startPlane();
    plane.hub.publish(snapshotOf({ policies: [policy("bad")] }));
    const { client, policies } = startClient(plane);
    await client.synced;
    plane.hub.publish(snapshotOf({ policies: [["ns/bad", "\xff\xff"], policy("good")] }));
    await expect.poll(() => [...policies.keys()]).toEqual(["ns/bad", "ns/good"]);
    await expect.poll(() => typeOf(plane, authorizationType.typeUrl)?.outstanding.size).toBe(0);
    const type = typeOf(plane, authorizationType.typeUrl);
    expect([...(type?.rejected.keys() ?? [])]).toEqual(["ns/bad"]);
    expect(type?.acked.get("ns/good")).toBe(type?.sent.get("ns/good"));
    expect(client.status().rejected).toMatchObject([{ name: "ns/bad", typeUrl: authorizationType.typeUrl }]);
    plane.hub.publish(snapshotOf({ policies: [{ ...policy("bad"), action: "DENY" }, policy("good")] }));
    await expect.poll(() => policies.get("ns/bad")?.action).toBe("DENY");
    expect(client.status().rejected).toEqual([]);
  });

  it("keeps its state while the control plane is away and catches up by versions, deletions included", async () => {
    const plane = await startTestPlane({ tokens });
    plane.hub.publish(snapshotOf({ policies: [policy("stays"), policy("goes")] }));
    const { client, policies, updates } = startClient(plane);
    await client.synced;
    await plane.stop();
    await expect.poll(() => client.status().connected).toBe(false);
    expect([...policies.keys()]).toEqual(["ns/stays", "ns/goes"]);
    updates.length = 0;
    const back = await startPlane({ folder: plane.folder, port: plane.port });
    back.hub.publish(snapshotOf({ policies: [policy("stays"), policy("new")], addresses: [service("x", "10.0.0.1")] }));
    await expect.poll(() => [...policies.keys()]).toEqual(["ns/stays", "ns/new"]);
    // Policies before the workloads that name them, and away only after.
    expect(updates.flatMap(({ upserted, removed }) => [...upserted.map(({ name }) => name), ...removed])).toEqual([
      "ns/new",
      "ns/x.ns.svc.cluster.local",
      "ns/goes",
    ]);
    expect(updates.every(({ initial }) => !initial)).toBe(true);
  });

  it("forgets a proxy that went away, whether it said so or was killed", async () => {
    const ended: string[] = [];
    const plane = await startPlane({
      onProgress: (stream) => {
        if (stream !== undefined) {
          ended.push(stream.nodeId);
        }
      },
    });
    plane.hub.publish(snapshotOf({}));
    const { client } = startClient(plane);
    await client.synced;
    expect(plane.hub.streams()).toHaveLength(1);
    await client.close();
    await expect.poll(() => plane.hub.streams()).toEqual([]);
    const main = new URL("one-proxy.suite.ts", import.meta.url).pathname;
    const { address, rootCertificateFile } = plane.endpoint("agent");
    const child = spawn(process.execPath, [main, address, rootCertificateFile], { stdio: "ignore" });
    await expect.poll(() => plane.hub.streams(), { timeout: 10_000 }).toHaveLength(1);
    child.kill("SIGKILL");
    await expect.poll(() => plane.hub.streams()).toEqual([]);
    expect(ended).toHaveLength(2);
  });

  it("gives a gateway's configuration to its own ServiceAccount alone", async () => {
    const plane = await startPlane();
    plane.hub.publish(snapshotOf({ gateways: ["ingress", "other"] }));
    const read = async (token: keyof typeof tokens) => {
      const names: string[] = [];
      const removed: string[] = [];
      const client = startXdsClient({
        ...plane.endpoint(token),
        node: { id: nodeIds[token], metadata: {} },
        subscriptions: [
          subscribeTo(proxyConfigType, ["istio-ingress/ingress", "istio-ingress/other"], (update) => {
            names.push(...update.upserted.map(({ name }) => name));
            removed.push(...update.removed);
            return undefined;
          }),
        ],
        log: quiet,
      });
      open.push(client);
      await client.synced;
      return { names, removed };
    };
    expect(await read("gateway")).toEqual({ names: ["istio-ingress/ingress"], removed: ["istio-ingress/other"] });
    expect(await read("agent")).toEqual({ names: [], removed: ["istio-ingress/ingress", "istio-ingress/other"] });
  });

  it("answers a name on demand, also by address, and says when it does not exist", async () => {
    const plane = await startPlane();
    plane.hub.publish(snapshotOf({ addresses: [service("x", "10.0.0.1"), service("y", "10.0.0.2")] }));
    const found: string[] = [];
    const missing: string[] = [];
    const client: XdsClient = startXdsClient({
      ...plane.endpoint("agent"),
      node: { id: nodeIds.agent, metadata: {} },
      subscriptions: [
        subscribeTo(addressType, ["/10.0.0.2", "/10.0.0.9"], ({ upserted, removed }) => {
          found.push(...upserted.map(({ name }) => name));
          missing.push(...removed);
          return undefined;
        }),
      ],
      log: quiet,
    });
    open.push(client);
    await client.synced;
    expect(found).toEqual(["ns/y.ns.svc.cluster.local"]);
    expect(missing).toEqual(["/10.0.0.9"]);
  });

  it("follows a ztunnel that subscribes to nothing and then asks on demand, and ignores answers to unknown nonces", async () => {
    const plane = await startPlane();
    plane.hub.publish(snapshotOf({ addresses: [service("x", "10.0.0.1"), service("y", "10.0.0.2")] }));
    const { client, metadata } = await openControlPlaneChannel(plane.endpoint("agent"));
    const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    stream.on("error", () => undefined);
    open.push({ close: async () => client.close() });
    const answers = stream[Symbol.asyncIterator]() as AsyncIterator<DeltaDiscoveryResponse>;
    const say = (init: MessageInitShape<typeof DeltaDiscoveryRequestSchema>) =>
      stream.write(create(DeltaDiscoveryRequestSchema, { typeUrl: addressType.typeUrl, ...init }));
    const names = async () => {
      const { value } = (await answers.next()) as IteratorYieldResult<DeltaDiscoveryResponse>;
      say({ responseNonce: value.nonce });
      return [value.resources.map(({ name }) => name), value.removedResources];
    };
    say({ node: { id: nodeIds.agent }, resourceNamesSubscribe: ["*"], resourceNamesUnsubscribe: ["*"] });
    expect(await names()).toEqual([[], []]);
    say({ responseNonce: "no such nonce" });
    say({ resourceNamesSubscribe: ["/10.0.0.1"] });
    expect(await names()).toEqual([["ns/x.ns.svc.cluster.local"], []]);
    plane.hub.publish(snapshotOf({ addresses: [service("x", "10.0.0.9"), service("y", "10.0.0.3")] }));
    expect(await names()).toEqual([[], ["ns/x.ns.svc.cluster.local"]]);
    say({ resourceNamesSubscribe: ["ns/y.ns.svc.cluster.local", "/10.0.0.7"] });
    expect(await names()).toEqual([["ns/y.ns.svc.cluster.local"], ["/10.0.0.7"]]);
  });

  it.each<[string, keyof typeof tokens, string]>([
    ["who names another agent's node", "agent", "ztunnel~127.0.0.1~ztunnel-node-b.istio-system~cluster.local"],
    ["who names another pod of its Gateway", "gateway", "router~127.0.0.1~ingress-istio-2.istio-ingress~cluster.local"],
    ["who names a pod of another namespace", "gateway", "router~127.0.0.1~ingress-istio-1.web-api~cluster.local"],
    ["whose node id is none", "agent", "ztunnel-node-a"],
    ["who has no node id", "agent", ""],
    ["whose token is bound to nothing", "loose", nodeIds.loose],
    ["who is no proxy", "app", nodeIds.app],
  ])("refuses a caller %s, so that it cannot hold back receipts", async (_, token, nodeId) => {
    const plane = await startPlane();
    plane.hub.publish(snapshotOf({ gateways: ["ingress"] }));
    const { client, metadata } = await openControlPlaneChannel(plane.endpoint(token));
    open.push({ close: async () => client.close() });
    const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    const refusal = once(stream, "error");
    stream.on("data", () => expect.unreachable("nothing is told to it"));
    const node = nodeId === "" ? {} : { node: { id: nodeId } };
    stream.write(create(DeltaDiscoveryRequestSchema, { typeUrl: addressType.typeUrl, ...node }));
    expect(await refusal).toMatchObject([{ code: status.PERMISSION_DENIED }]);
    expect(plane.hub.streams()).toEqual([]);
  });

  it("ends a stream that was open before anything was known, when its caller turns out to be no proxy", async () => {
    const plane = await startPlane();
    startClient(plane, "app");
    await expect.poll(() => plane.hub.streams()).toHaveLength(1);
    plane.hub.publish(snapshotOf({ gateways: ["ingress"] }));
    await expect.poll(() => plane.hub.streams()).toEqual([]);
  });

  it("tells callers of a new service when its waypoint knows it, and not much later when the waypoint says nothing", async () => {
    const plane = await startPlane();
    const first = [tokens.gateway.serviceAccount];
    plane.hub.publish(snapshotOf({ gateways: ["ingress"], first }));
    const { client, metadata } = await openControlPlaneChannel(plane.endpoint("gateway"));
    open.push({ close: async () => client.close() });
    const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    stream.on("error", () => undefined);
    const answers = stream[Symbol.asyncIterator]() as AsyncIterator<DeltaDiscoveryResponse>;
    const say = (init: MessageInitShape<typeof DeltaDiscoveryRequestSchema>) =>
      stream.write(create(DeltaDiscoveryRequestSchema, { typeUrl: proxyConfigType.typeUrl, ...init }));
    const next = async () => ((await answers.next()) as IteratorYieldResult<DeltaDiscoveryResponse>).value.nonce;
    say({ node: { id: nodeIds.gateway }, resourceNamesSubscribe: ["*"] });
    say({ responseNonce: await next() });
    const agent = startClient(plane);
    await agent.client.synced;

    const policies = [policy("a")];
    plane.hub.publish(snapshotOf({ gateways: ["ingress changed"], first, policies: [] }));
    say({ responseNonce: await next() });
    plane.hub.publish(snapshotOf({ gateways: ["ingress"], first, policies }));
    const answered = await next();
    // News that are no addresses wait for nobody.
    await expect.poll(() => [...agent.policies.keys()]).toEqual(["ns/a"]);
    say({ responseNonce: answered });

    plane.hub.publish(
      snapshotOf({ gateways: ["ingress changed"], first, policies, addresses: [service("x", "10.0.0.1")] }),
    );
    const removed = await next();
    expect(agent.addresses.size).toBe(0);
    say({ responseNonce: removed });
    await expect.poll(() => agent.addresses.size).toBe(1);

    const two = [service("x", "10.0.0.1"), service("y", "10.0.0.2")];
    plane.hub.publish(snapshotOf({ gateways: ["ingress"], first, policies, addresses: two }));
    await expect.poll(() => agent.addresses.size).toBe(2);
  });

  it("takes a limited number of connections, and new ones as soon as old ones go", async () => {
    const plane = await startPlane({ connectionsMax: 3 });
    plane.hub.publish(snapshotOf({}));
    const idle = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = connect(plane.port, "127.0.0.1");
        await once(socket, "connect");
        return socket;
      }),
    );
    const refused = connect(plane.port, "127.0.0.1");
    await once(refused, "close");
    const { client } = startClient(plane);
    expect(client.status().connected).toBe(false);
    idle[0]?.destroy();
    await client.synced;
    expect(plane.hub.streams()).toHaveLength(1);
    for (const socket of idle) {
      socket.destroy();
    }
  });

  it("admits nobody without a valid token", async () => {
    const plane = await startPlane({ tokens: {} });
    plane.hub.publish(snapshotOf({}));
    const { client } = startClient(plane);
    await expect.poll(() => plane.reviews()).toBeGreaterThan(1);
    expect(client.status().connected).toBe(false);
    expect(plane.hub.streams()).toEqual([]);
  });
});
