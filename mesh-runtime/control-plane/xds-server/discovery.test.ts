import { spawn } from "node:child_process";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { afterEach, describe, expect, it } from "vitest";
import { startXdsClient, subscribeTo, type XdsClient } from "../../xds/client.ts";
import { addressType, authorizationType, proxyConfigType } from "../../xds/codec.ts";
import { openControlPlaneChannel } from "../../xds/control-plane-channel.ts";
import { DeltaDiscoveryRequestSchema, type DeltaDiscoveryResponse } from "../../xds/gen/discovery_pb.js";
import { deltaAggregatedResources } from "../../xds/grpc-methods.ts";
import { quiet, startTestPlane } from "../plane.suite.ts";

import {
  closeAll,
  nodeIds,
  open,
  policy,
  service,
  snapshotOf,
  startClient,
  startPlane,
  tokens,
  typeOf,
} from "./discovery.suite.ts";

afterEach(closeAll);

describe("delta discovery", { timeout: 60_000 }, () => {
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

  it("hears which issuers' keys a proxy lacks, and goes on serving it", async () => {
    const wanted: string[] = [];
    const both = Promise.withResolvers<void>();
    const plane = await startPlane({
      onKeysWanted: (issuers) => {
        wanted.push(...issuers);
        if (wanted.length === 2) {
          both.resolve();
        }
      },
    });
    plane.hub.publish(snapshotOf({ policies: [policy("a")] }));
    const { client, policies } = startClient(plane);
    client.wantKeys("https://too-early.example");
    await client.synced;
    client.wantKeys("https://a.example");
    client.wantKeys("x".repeat(513));
    client.wantKeys("https://b.example");
    await both.promise;
    expect(wanted).toEqual(["https://a.example", "https://b.example"]);
    plane.hub.publish(snapshotOf({ policies: [policy("a"), policy("b")] }));
    await expect.poll(() => [...policies.keys()]).toEqual(["ns/a", "ns/b"]);
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
    const toAgent = plane.hub
      .streams()
      .find(({ nodeId }) => nodeId === nodeIds.agent)
      ?.types.get(addressType.typeUrl);
    expect(toAgent?.sent.size).toBe(0);
    const removed = await next();
    say({ responseNonce: removed });
    await expect.poll(() => agent.addresses.size).toBe(1);

    const two = [service("x", "10.0.0.1"), service("y", "10.0.0.2")];
    plane.hub.publish(snapshotOf({ gateways: ["ingress"], first, policies, addresses: two }));
    await expect.poll(() => agent.addresses.size).toBe(2);
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
